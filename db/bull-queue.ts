import Bull from 'bull';
import { messageOf, TicketwiseError } from '../errors.ts';
import type { JobQueue } from './queue.ts';

/** How long Redis may take to answer, in ms. */
const ANSWER_MS = 5_000;
/** How long a finished job is remembered, in seconds, and so not done again: longer than anybody redelivers. */
const REMEMBERED = 30 * 24 * 3600;
/** A trainer's event loop is blocked for seconds at a time; a lock that ran out would let a second trainer take the job. */
const LOCK_MS = 10 * 60_000;

/**
 * The queue on Redis. A job is done at most once: it is neither tried again nor taken over when its trainer dies.
 * @throws `unreachable` naming the host when Redis does not answer within 5 s
 */
export async function openBullQueue(redisUrl: string, onError: (error: unknown) => void): Promise<JobQueue> {
  let connected = false;
  let whyNot: unknown;
  const queue = new Bull('retrain', redisUrl, {
    prefix: 'ticketwise',
    redis: {
      // Both IPv4 and IPv6: ioredis takes only the first of them by itself.
      family: 0,
      connectTimeout: ANSWER_MS,
      // A wrong address is an error at the start; a connection that worked is worth getting back.
      retryStrategy: (times) => (connected ? Math.min(times * 200, 5_000) : null),
      // Bull does not read the protocol of the URL.
      ...(redisUrl.startsWith('rediss:') ? { tls: {} } : {}),
    },
    settings: { lockDuration: LOCK_MS, maxStalledCount: 0 },
    defaultJobOptions: { attempts: 1, removeOnComplete: { age: REMEMBERED }, removeOnFail: { age: REMEMBERED } },
  });
  queue.on('error', (error) => {
    if (connected) onError(error);
    else whyNot ??= error;
  });
  const inTime = async <T>(answer: Promise<T>): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    });
    try {
      return await Promise.race([answer, late]);
    } catch (cause) {
      throw redisUnreachable(redisUrl, whyNot ?? cause);
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    await inTime(queue.client.ping());
  } catch (error) {
    await queue.close(true);
    throw error;
  }
  connected = true;
  whyNot = undefined;
  return {
    async add(job) {
      await inTime(queue.add(job, { jobId: job.runId }));
    },
    async work(handler) {
      // Settles only when the queue is closed.
      queue.process(1, ({ data }) => handler(data)).catch(onError);
    },
    close: () => queue.close(),
  };
}

function redisUnreachable(url: string, cause: unknown): TicketwiseError {
  const why = cause instanceof AggregateError ? cause.errors.map(messageOf).join('; ') : messageOf(cause);
  return new TicketwiseError(
    'unreachable',
    `No connection to Redis at ${new URL(url).host}: ${why}. Check REDIS_URL, and that the server runs; without REDIS_URL the queue lives in PostgreSQL.`,
    { cause },
  );
}
