import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

/** Pause before the connection is made again, in ms. */
const PAUSE = 2_000;

/**
 * Listens on a channel of PostgreSQL on a connection of its own, and connects again when it is lost.
 * @param onNotice called with the payload; also after each connect, with '', since something may have been missed
 * @returns stops listening
 */
export function listenToNotices(url: string, channel: string, onNotice: (payload: string) => void, log: Log): () => Promise<void> {
  const stopped = new AbortController();
  let client: pg.Client | undefined;

  const listenOnce = async () => {
    client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true, application_name: 'ticketwise' });
    const lost = new Promise<never>((_, reject) => {
      client?.on('error', reject);
      client?.on('end', () => reject(new Error('the connection ended')));
    });
    lost.catch(() => {});
    client.on('notification', ({ payload }) => onNotice(payload ?? ''));
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(channel)}`);
    onNotice('');
    await lost;
  };
  const listen = async () => {
    while (!stopped.signal.aborted) {
      try {
        await listenOnce();
      } catch (error) {
        if (stopped.signal.aborted) return;
        log.warn({ why: messageOf(error) }, 'The database tells no news; listening again');
        await client?.end().catch(() => {});
        await delay(PAUSE, undefined, { signal: stopped.signal }).catch(() => {});
      }
    }
  };
  const listening = listen();
  return async () => {
    stopped.abort();
    await client?.end().catch(() => {});
    await listening;
  };
}
