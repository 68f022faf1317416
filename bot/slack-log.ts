import { type Logger, LogLevel } from '@slack/web-api';
import type { Log } from '../log.ts';

/**
 * The log of Slack's libraries. What they say below a warning is dropped: it carries the text of messages.
 */
export function slackLog(log: Log): Logger {
  const words = (parts: unknown[]) => (parts[0] instanceof Error ? parts[0].message : String(parts[0]));
  return {
    debug: () => {},
    info: () => {},
    warn: (...parts) => log.warn(words(parts)),
    error: (...parts) => log.error(words(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}
