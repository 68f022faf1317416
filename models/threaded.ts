import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, TicketwiseError } from '../errors.ts';
import type { Labels } from '../labels.ts';
import { type Classification, type Classifier, checkText } from './classification.ts';
import type { InferenceOptions } from './inference.ts';

export type WorkerRequest = { id: number; texts: readonly string[] };
type Ready = { version: string; labels: Labels };
type Failure = { code: ErrorCode | null; message: string };
export type WorkerReply =
  | { ready: Ready }
  | { failed: Failure }
  | { id: number; results: Classification[] }
  | { id: number; error: Failure };

/**
 * Node 20 does not give a worker its parent's TypeScript loader, so the thread registers tsx before it loads its file.
 * transformers.js comes first: rewriting its 1.3 MB through tsx would leave 100 MB behind in the loader's heap.
 */
const BOOT = `
  const { library, loader, entry } = require('node:worker_threads').workerData;
  import(library).then(() => import(loader)).then(({ register }) => { register(); return import(entry); });
`;

type Pending = { resolve: (results: Classification[]) => void; reject: (error: Error) => void };

/**
 * Opens the model in a folder in a thread of its own, so that inference never holds the caller's event loop. Requests
 * that come while one runs are classified together.
 * @throws `bad_model` as {@link openClassifier} does
 */
export async function openThreadedClassifier(dir: string, options: InferenceOptions = {}): Promise<Classifier> {
  const urls = {
    library: import.meta.resolve('@huggingface/transformers'),
    loader: import.meta.resolve('tsx/esm/api'),
    entry: new URL('./worker.ts', import.meta.url).href,
  };
  const worker = new Worker(BOOT, { eval: true, workerData: { dir, options, ...urls } });
  const pending = new Map<number, Pending>();
  let next = 0;
  let idle: (() => void) | undefined;
  let ended = false;
  let disposal: Promise<void> | undefined;

  let onReady: (ready: Ready) => void = () => {};
  let onFailure: (error: Error) => void = () => {};
  const opened = new Promise<Ready>((resolve, reject) => {
    onReady = resolve;
    onFailure = reject;
  });
  const endWith = (error: Error) => {
    ended = true;
    onFailure(error);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
    idle?.();
  };
  worker.on('message', (reply: WorkerReply) => {
    if ('ready' in reply) onReady(reply.ready);
    else if ('failed' in reply) onFailure(toError(reply.failed));
    else {
      const request = pending.get(reply.id);
      pending.delete(reply.id);
      if ('results' in reply) request?.resolve(reply.results);
      else request?.reject(toError(reply.error));
      if (pending.size === 0) idle?.();
    }
  });
  worker.on('error', endWith);
  worker.on('exit', () => endWith(new TicketwiseError('bad_model', `The classifier of ${dir} has ended.`)));
  const { version, labels } = await opened;
  const end = async () => {
    if (pending.size > 0) await new Promise<void>((resolve) => (idle = resolve));
    if (ended) return;
    const exit = once(worker, 'exit');
    worker.postMessage('dispose');
    await exit;
  };

  return {
    version,
    labels,
    async classify(texts) {
      if (ended) throw new TicketwiseError('bad_model', `The classifier of ${dir} has ended.`);
      for (const text of texts) checkText(text); // one bad text must not fail the batch it would join
      const id = next++;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        worker.postMessage({ id, texts } satisfies WorkerRequest);
      });
    },
    dispose() {
      disposal ??= end();
      return disposal;
    },
  };
}

function toError({ code, message }: Failure): Error {
  return code === null ? new Error(message) : new TicketwiseError(code, message);
}
