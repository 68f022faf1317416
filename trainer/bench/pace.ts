import { setImmediate } from 'node:timers/promises';
import { TicketwiseError } from '../../errors.ts';

/** Tells on standard error what is being measured: some of it takes minutes. */
export function tell(what: string): void {
  process.stderr.write(`${what}\n`);
}

/**
 * Lets a signal in between two measurements, which hold the thread.
 * @throws `interrupted`
 */
export async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate();
  if (signal.aborted) throw interrupted(signal);
}

/** What is thrown when a signal ends the benchmark. */
export function interrupted(signal: AbortSignal): TicketwiseError {
  return new TicketwiseError('interrupted', 'The benchmark was stopped; nothing was written.', { cause: signal.reason });
}
