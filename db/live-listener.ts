import pg from 'pg';
import { databaseUnreachable } from './database.ts';
import { LIVE_CHANNEL } from './models.ts';

export type LiveListener = { close(): Promise<void> };

/**
 * Hears that a model went live. A connection that breaks is made again; what was told meanwhile is not heard, so look up
 * `liveVersion` now and then as well.
 * @param onLive gets the team's id
 * @param retryMs how long to wait before a lost connection is tried again, in ms
 * @throws `unreachable` when there is no connection at the start
 */
export async function listenForLive(url: string, onLive: (teamId: string) => void, retryMs = 5_000): Promise<LiveListener> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true, application_name: 'ticketwise' });
    let up = false;
    next.on('error', () => {});
    next.on('notification', ({ payload }) => onLive(payload ?? ''));
    next.on('end', () => {
      if (up && !closed) retry();
    });
    try {
      await next.connect();
      await next.query(`listen ${LIVE_CHANNEL}`);
    } catch (cause) {
      await next.end().catch(() => {});
      throw databaseUnreachable(url, cause);
    }
    up = true;
    client = next;
    if (closed) await next.end();
  };
  const retry = () => {
    timer = setTimeout(() => connect().catch(() => !closed && retry()), retryMs);
  };

  await connect();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
