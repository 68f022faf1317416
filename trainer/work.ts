import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../db/database.ts';
import { openQueue, type RetrainJob } from '../db/queue.ts';
import { failRun, getRun } from '../db/runs.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

export type WorkOptions = {
  db: Db;
  databaseUrl: string;
  redisUrl: string | undefined;
  log: Log;
  /** environment of the training processes */
  env: Record<string, string | undefined>;
  /** end when there was no job for a while, instead of waiting for the next */
  once: boolean;
  signal: AbortSignal;
};

const ROOT = path.join(import.meta.dirname, '..');

/** How long a trainer that works `once` waits for another job, in ms. */
const IDLE = 10_000;
/** How long a training process may take to end when it is told to, in ms. */
const GRACE = 10_000;

/**
 * Takes retraining jobs from the queue, one at a time, each in a process of its own: what kills a training (memory,
 * a driver) is reported in its run, and neither the queue nor the live model notice.
 */
export async function work({ db, databaseUrl, redisUrl, log, env, once, signal }: WorkOptions): Promise<void> {
  let busy = 0;
  let lastJob = Date.now();
  const queue = await openQueue({
    databaseUrl,
    redisUrl,
    onError: (error) => log.error({ why: messageOf(error) }, 'The queue has trouble'),
  });
  await queue.work(async (job) => {
    busy += 1;
    try {
      await train(job, db, log, env, signal);
    } finally {
      busy -= 1;
      lastJob = Date.now();
    }
  });
  log.info({ queue: redisUrl === undefined ? 'PostgreSQL' : 'Redis' }, 'Waiting for trainings');
  while (!signal.aborted && !(once && busy === 0 && Date.now() - lastJob > IDLE)) await delay(250);
  await queue.close();
}

/** Runs one training in a process of its own, and fails its run when the process ends without having ended it. */
async function train(job: RetrainJob, db: Db, log: Log, env: Record<string, string | undefined>, signal: AbortSignal): Promise<void> {
  const args = ['--import', import.meta.resolve('tsx'), path.join(ROOT, 'trainer', 'main.ts'), 'job', job.runId, job.teamId];
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), GRACE).unref();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop(); // between the job's arrival and here
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, killed) => resolve(killed === null ? `exit code ${code}` : `signal ${killed}`));
  });
  signal.removeEventListener('abort', stop);
  const run = await getRun(db, job.runId);
  if (run === undefined || run.state === 'succeeded' || run.state === 'failed') return;
  const why = signal.aborted ? 'The trainer was stopped while it trained.' : `The training process ended unexpectedly (${end}).`;
  await failRun(db, job.runId, `${why} Ask for it again with /ticket retrain.`);
  log.error({ runId: job.runId, end }, 'A training did not end by itself');
}
