import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';
import { TicketwiseError } from '../../errors.ts';
import { interrupted } from './pace.ts';

/** A Python process with PyTorch and transformers that times itself, one request after the other. */
export type Peer = {
  /** what is installed there */
  versions: string;
  /** whether PyTorch has bf16 kernels for this processor; without them a step takes it seconds */
  bf16: boolean;
  /** @throws `job_failed` with Python's own words */
  ask<T>(request: { what: string; [field: string]: unknown }, answer: z.ZodType<T>): Promise<T>;
  close(): Promise<void>;
};

const PACKAGES = ['torch', 'transformers', 'accelerate', 'safetensors'];
const failure = z.object({ error: z.string() });

/**
 * Starts `peer.py`.
 * @param python program to run it, from PYTHON
 * @param threads of PyTorch
 * @returns the peer, or in words what is missing for it
 */
export async function openPeer(
  python = 'python3',
  threads = 1,
  signal = new AbortController().signal,
): Promise<Peer | { missing: string }> {
  const missing = await findMissing(python);
  if (missing !== undefined) return { missing };
  const child = spawn(python, ['-u', path.join(import.meta.dirname, 'peer.py')], { stdio: ['pipe', 'pipe', 'pipe'], signal });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  child.on('error', () => {}); // an abort: whoever waits for an answer is told by the exit
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask: Peer['ask'] = async (request, schema) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done && signal.aborted) throw interrupted(signal);
    if (done) throw new TicketwiseError('job_failed', `${python} ended while it was asked for "${request.what}":\n${said.trim()}`);
    const answer: unknown = JSON.parse(value);
    const failed = failure.safeParse(answer);
    if (failed.success)
      throw new TicketwiseError('job_failed', `${python} failed at "${request.what}": ${failed.data.error}\n${said.trim()}`);
    return schema.parse(answer);
  };
  const about = await ask({ what: 'about', threads }, z.object({ versions: z.string(), bf16: z.boolean() }));
  return {
    ...about,
    ask,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.stdin.end();
      await exit;
    },
  };
}

async function findMissing(python: string): Promise<string | undefined> {
  const program = `import importlib.util as u; print(*[n for n in ${JSON.stringify(PACKAGES)} if u.find_spec(n) is None])`;
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', program]);
    const absent = stdout.trim();
    if (absent === '') return undefined;
    return `${python} has no ${absent.replaceAll(' ', ', ')}: \`${python} -m pip install ${PACKAGES.join(' ')}\`, or set PYTHON to a Python that has them.`;
  } catch {
    return `There is no Python at "${python}": set PYTHON to one with ${PACKAGES.join(', ')}.`;
  }
}
