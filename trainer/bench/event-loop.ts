import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { TicketwiseError } from '../../errors.ts';
import { interrupted, tell } from './pace.ts';
import { ROOT, readStartFlags } from './start-flags.ts';

/** How late the event loop of a thread was that waits for the threaded classifier, and what that classified meanwhile. */
const watched = z.object({
  /** the longest delay of each round, in ms */
  longest: z.array(z.number()).nonempty(),
  /** the longest delay of each round in which nothing was to be done, in ms */
  idle: z.array(z.number()).nonempty(),
  messagesPerSecond: z.number(),
});
export type EventLoopMeasurement = z.infer<typeof watched>;

/**
 * Watches the event loop of a process that has a bot's flags and the classifier of a model, busy with messages that come one
 * by one.
 * @throws `job_failed` when the process fails, with its own words
 */
export async function measureEventLoop(model: string, rounds: number, signal: AbortSignal): Promise<EventLoopMeasurement> {
  tell(`the event loop: ${rounds} rounds`);
  const args = [...(await readStartFlags()), path.join(import.meta.dirname, 'watch-loop.ts'), path.resolve(model), String(rounds)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, signal }).catch((cause: unknown) => {
    if (signal.aborted) throw interrupted(signal);
    throw new TicketwiseError('job_failed', `The event loop could not be watched: ${String(cause)}`, { cause });
  });
  return watched.parse(JSON.parse(stdout));
}
