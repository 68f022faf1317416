import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, TicketwiseError } from '../errors.ts';
import { openClassifier } from './classifier.ts';
import type { WorkerReply, WorkerRequest } from './threaded.ts';

const port = parentPort;
// Imported outside a worker, this file does nothing.
if (port !== null) {
  const post = (reply: WorkerReply) => port.postMessage(reply);
  const failure = (error: unknown) => ({ code: error instanceof TicketwiseError ? error.code : null, message: messageOf(error) });
  try {
    const classifier = await openClassifier(workerData.dir, workerData.options);
    let waiting: WorkerRequest[] = [];
    let busy = false;

    /** Classifies all that came while the last inference ran as one batch. */
    const work = async () => {
      busy = true;
      while (waiting.length > 0) {
        const requests = waiting;
        waiting = [];
        try {
          const results = await classifier.classify(requests.flatMap((request) => request.texts));
          let from = 0;
          for (const { id, texts } of requests) {
            post({ id, results: results.slice(from, from + texts.length) });
            from += texts.length;
          }
        } catch (error) {
          for (const { id } of requests) post({ id, error: failure(error) });
        }
      }
      busy = false;
    };

    port.on('message', (request: WorkerRequest | 'dispose') => {
      if (request === 'dispose') {
        void classifier.dispose().then(() => port.close());
        return;
      }
      waiting.push(request);
      if (!busy) setImmediate(() => void (busy ? undefined : work()));
    });
    post({ ready: { version: classifier.version, labels: classifier.labels } });
  } catch (error) {
    post({ failed: failure(error) });
    port.close();
  }
}
