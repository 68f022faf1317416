import { type Logger, pino } from 'pino';

export type Log = Logger;

/**
 * JSON lines on `stderr` in production, readable lines in a terminal. Message text never reaches it:
 * the fields that carry text are removed wherever they stand.
 */
export function openLog(level: string, pretty: boolean): Log {
  return pino(
    { level, redact: { paths: ['text', '*.text', '*.*.text', 'token', '*.token'], remove: true } },
    pretty
      ? pino.transport({ target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' } })
      : pino.destination({ dest: 2, sync: true }),
  );
}
