import { setTimeout as wait } from 'node:timers/promises';
import PgBoss from 'pg-boss';
import { openPool, type Pool } from './database.ts';
import type { JobQueue } from './queue.ts';

const QUEUE = 'retrain';
/** How often an idle worker looks for a job, in ms. */
const POLL_MS = 1_000;
/** pg-boss takes a job that is active for longer for dead; it allows no more than a day. */
const EXPIRES_HOURS = 23;
/** How long a finished job is remembered, in seconds, and so not done again. */
const REMEMBERED = 30 * 24 * 3600;

/**
 * The queue in PostgreSQL, in tables of pg-boss (schema `pgboss`). A job is done at most once: it is neither tried again
 * nor taken over when its trainer dies.
 * @throws `unreachable` naming the host when there is no connection within 5 s
 */
export async function openBossQueue(databaseUrl: string, onError: (error: unknown) => void): Promise<JobQueue> {
  const pool = openPool(databaseUrl, 2);
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schedule: false,
    archiveCompletedAfterSeconds: REMEMBERED,
    archiveFailedAfterSeconds: REMEMBERED,
  });
  const stop = new AbortController();
  boss.on('error', (error) => {
    if (!stop.signal.aborted) onError(error);
  });
  try {
    // pg-boss makes its tables and a queue's partition at the first start; two processes at once run into a deadlock there.
    await withLock(pool, async () => {
      await boss.start();
      if (!(await boss.getQueue(QUEUE))) await boss.createQueue(QUEUE, { name: QUEUE, retryLimit: 0, expireInHours: EXPIRES_HOURS });
    });
  } catch (error) {
    await boss.stop({ graceful: false });
    await pool.end();
    throw error;
  }
  let working: Promise<void> | undefined;

  return {
    async add(job) {
      // The job's own id, not a `singletonKey`: that one is unique only under policies that forget finished jobs.
      await boss.send(QUEUE, job, { id: job.runId });
    },
    async work(handler) {
      working = takeJobs(boss, handler, onError, stop.signal);
    },
    async close() {
      stop.abort();
      await working;
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}

async function withLock(pool: Pool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('ticketwise_queue', 0))`);
    await work();
  } finally {
    // Closing the connection gives the lock back, whatever happened.
    client.release(true);
  }
}

/** `boss.work` does not wait until the end of a job is written, and a failure of that would end the process: so fetch and complete. */
async function takeJobs(boss: PgBoss, handler: (data: unknown) => Promise<void>, onError: (error: unknown) => void, stop: AbortSignal) {
  while (!stop.aborted) {
    const [job] = await boss.fetch(QUEUE);
    if (!job) {
      await wait(POLL_MS, undefined, { signal: stop }).catch(() => {});
      continue;
    }
    const end = await handler(job.data).then(
      () => () => boss.complete(QUEUE, job.id),
      (error: unknown) => () => boss.fail(QUEUE, job.id, { message: String(error) }),
    );
    await end().catch(onError);
  }
}
