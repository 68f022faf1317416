import { z } from 'zod';
import { openBossQueue } from './boss-queue.ts';
import { openBullQueue } from './bull-queue.ts';

export const retrainJobSchema = z.strictObject({ runId: z.uuid(), teamId: z.string().min(1) });

/** A training that somebody asked for; the rest is in its row of `training_runs`. */
export type RetrainJob = z.infer<typeof retrainJobSchema>;

/** Does one job; what it throws fails the job, which is not tried again. */
export type RetrainHandler = (job: RetrainJob) => Promise<void>;

export type Queue = {
  /**
   * Puts a job on the queue, once for each `runId`.
   * @throws `unreachable` when the queue's server does not take it within 5 s
   */
  add(job: RetrainJob): Promise<void>;
  /** Starts taking jobs, one at a time, until `close`; call it once. */
  work(handler: RetrainHandler): Promise<void>;
  /** Takes no more jobs, waits for the one in hand, and disconnects. */
  close(): Promise<void>;
};

export type QueueOptions = {
  databaseUrl: string;
  /** undefined: the queue lives in the database */
  redisUrl: string | undefined;
  /** gets what a handler threw, and troubles of the connection that the queue recovers from by itself; default: nobody */
  onError?: (error: unknown) => void;
};

/** What a backend of {@link Queue} does: it hands the handler whatever it was given. */
export type JobQueue = {
  add(job: RetrainJob): Promise<void>;
  work(handler: (data: unknown) => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

/**
 * Opens the queue of trainings: Bull where there is a Redis, pg-boss in the database where not.
 * @throws `unreachable` naming REDIS_URL or DATABASE_URL, within 5 s
 */
export async function openQueue({ databaseUrl, redisUrl, onError = () => {} }: QueueOptions): Promise<Queue> {
  const backend = await (redisUrl === undefined ? openBossQueue(databaseUrl, onError) : openBullQueue(redisUrl, onError));
  let closed: Promise<void> | undefined;
  return {
    add: backend.add,
    work: (handler) =>
      backend.work(async (data) => {
        try {
          await handler(retrainJobSchema.parse(data));
        } catch (error) {
          onError(error);
          throw error;
        }
      }),
    close: () => {
      closed ??= backend.close();
      return closed;
    },
  };
}
