import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import Bull from 'bull';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openQueue, type Queue, type RetrainJob } from './queue.ts';
import { openTestDatabase } from './testing.ts';

const { url: databaseUrl, close } = await openTestDatabase();
afterAll(close);

const redis = process.env.REDIS_URL;
// Bull takes options from the URL: each test file has its own keys.
const redisUrl = redis === undefined ? undefined : `${redis}?keyPrefix=ticketwise-test-${randomBytes(6).toString('hex')}`;

afterAll(async () => {
  if (redisUrl === undefined) return;
  const keys = new Bull('retrain', redisUrl);
  await keys.obliterate({ force: true });
  await keys.close();
});

const backends = [
  { name: 'pg-boss', options: { databaseUrl, redisUrl: undefined }, missing: false },
  { name: 'Bull', options: { databaseUrl, redisUrl: redisUrl ?? '' }, missing: redisUrl === undefined },
];

const newJob = (): RetrainJob => ({ runId: randomUUID(), teamId: 'T1' });

describe.each(backends)('the queue on $name', { timeout: 30_000 }, ({ options, missing }) => {
  if (missing) {
    it.skip('is tested where REDIS_URL is set', () => {});
    return;
  }

  const queues: Queue[] = [];
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
  });
  async function open(onError?: (error: unknown) => void): Promise<Queue> {
    const queue = await openQueue({ ...options, ...(onError && { onError }) });
    queues.push(queue);
    return queue;
  }

  it('can be opened by four processes at once', async () => {
    const opened = await Promise.all(Array.from({ length: 4 }, () => open()));
    const job = newJob();
    await Promise.all(opened.map((queue) => queue.add(job)));
    const seen: RetrainJob[] = [];
    await opened[0]?.work(async (each) => {
      seen.push(each);
    });
    await expect.poll(() => seen).toEqual([job]);
  });

  it('hands out each job once, in order, one at a time, however often it was added', async () => {
    const [producer, worker] = await Promise.all([open(), open()]);
    const jobs = [newJob(), newJob(), newJob()];
    for (const job of [...jobs, ...jobs]) await producer.add(job);
    const seen: RetrainJob[] = [];
    let running = 0;
    await new Promise<void>((resolve, reject) => {
      worker
        .work(async (job) => {
          running++;
          await producer.add(job);
          expect(running).toBe(1);
          running--;
          seen.push(job);
          if (seen.length === jobs.length) resolve();
        })
        .catch(reject);
    });
    const last = newJob();
    for (const job of [...jobs, last]) await producer.add(job);
    await expect.poll(() => seen).toContainEqual(last);
    expect(seen).toEqual([...jobs, last]);
  });

  it('gives a job to one of two workers', async () => {
    const seen: string[] = [];
    const workers = await Promise.all([open(), open()]);
    for (const worker of workers)
      await worker.work(async ({ runId }) => {
        seen.push(runId);
      });
    const jobs = Array.from({ length: 6 }, newJob);
    await Promise.all(jobs.map((job, i) => workers[i % 2]?.add(job)));
    await expect.poll(() => seen.length).toBe(jobs.length);
    expect(new Set(seen)).toEqual(new Set(jobs.map(({ runId }) => runId)));
  });

  it('does not try a job again that failed, tells why, and goes on', async () => {
    const errors: unknown[] = [];
    const seen: string[] = [];
    const queue = await open((error) => errors.push(error));
    const [bad, good] = [newJob(), newJob()];
    await queue.add(bad);
    await queue.work(async ({ runId }) => {
      seen.push(runId);
      if (runId === bad.runId) throw new Error('out of memory');
    });
    await expect.poll(() => errors).toEqual([new Error('out of memory')]);
    await queue.add(bad);
    await queue.add(good);
    await expect.poll(() => seen).toContain(good.runId);
    expect(seen).toEqual([bad.runId, good.runId]);
  });

  it('closes after the job in hand, and leaves the next one to another worker', async () => {
    const [first, second] = [newJob(), newJob()];
    const [one, other] = await Promise.all([open(), open()]);
    await one.add(first);
    await one.add(second);
    const ended: string[] = [];
    let finish = () => {};
    await new Promise<void>((started) => {
      one.work(async ({ runId }) => {
        started();
        await new Promise<void>((resolve) => (finish = resolve));
        ended.push(`one ${runId}`);
      });
    });
    const closed = one.close().then(() => ended.push('closed'));
    await new Promise((resolve) => setImmediate(resolve));
    finish();
    await closed;
    expect(ended).toEqual([`one ${first.runId}`, 'closed']);
    await other.work(async ({ runId }) => {
      ended.push(`other ${runId}`);
    });
    await expect.poll(() => ended.length).toBe(3);
    expect(ended[2]).toBe(`other ${second.runId}`);
  });

  it('leaves nothing open: a process that closes it ends by itself', async () => {
    const program = `
      const { openQueue } = await import(${JSON.stringify(new URL('queue.ts', import.meta.url).href)});
      const queue = await openQueue(${JSON.stringify(options)});
      await new Promise((resolve) => {
        queue.work(async () => resolve());
        queue.add(${JSON.stringify(newJob())});
      });
      await queue.close();
      console.log('closed');`;
    const child = promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { timeout: 20_000 });
    expect((await child).stdout).toBe('closed\n');
  });
});
