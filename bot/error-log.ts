import type { Log } from '../log.ts';
import { slackCode } from './slack.ts';

/**
 * Logs an error once, at the edge. Only its name, code and stack: a database's error also carries the row, which
 * has the text of a message in it.
 */
export function logError(log: Log, error: unknown, doing: string, about: Record<string, unknown> = {}): void {
  const { name, code, stack } =
    error instanceof Error ? { code: undefined, ...pick(error) } : { name: typeof error, code: undefined, stack: undefined };
  log.error({ ...about, error: { name, code: slackCode(error) ?? code, stack } }, `Could not ${doing}`);
}

function pick(error: Error): { name: string; code?: unknown; stack: string | undefined } {
  return { name: error.name, stack: error.stack, ...('code' in error ? { code: error.code } : {}) };
}
