import { sql } from 'kysely';
import { afterAll, expect, it } from 'vitest';
import {
  activeRuns,
  createRun,
  failRun,
  failStaleRuns,
  finishRun,
  getRun,
  markAnnounced,
  reportProgress,
  setRunMessage,
  startRun,
  unannouncedRuns,
} from './runs.ts';
import { openTestDatabase } from './testing.ts';

const { db, close } = await openTestDatabase();
afterAll(close);

const request = { teamId: 'T1', requestedBy: 'U1', channelId: 'C1' };
const progress = { phase: 'train', step: 3, steps: 10, loss: 1.25, secondsLeft: null };
const end = { result: { old: { accuracy: 0.9 }, new: { accuracy: 0.93 } }, modelVersion: 'abc', promoted: true, reason: 'better' };

async function runningRun(teamId = 'T1') {
  const { id } = await createRun(db, { ...request, teamId });
  await startRun(db, id);
  return id;
}

it('goes from queued to its announcement', async () => {
  const run = await createRun(db, request);
  expect(run).toMatchObject({ ...request, state: 'queued', messageTs: null, progress: null, startedAt: null, endedAt: null });
  await setRunMessage(db, run.id, '5.000001');
  expect(await startRun(db, run.id)).toBe(true);
  expect(await reportProgress(db, run.id, progress)).toBe(true);
  expect(await getRun(db, run.id)).toMatchObject({ state: 'running', messageTs: '5.000001', progress, startedAt: expect.any(Date) });
  expect((await activeRuns(db, 'T1')).map(({ id }) => id)).toContain(run.id);
  expect(await markAnnounced(db, run.id)).toBe(false);
  expect(await finishRun(db, run.id, end)).toBe(true);
  expect(await getRun(db, run.id)).toMatchObject({ ...end, state: 'succeeded', error: null, endedAt: expect.any(Date) });
  expect((await activeRuns(db, 'T1')).map(({ id }) => id)).not.toContain(run.id);
  expect((await unannouncedRuns(db, 'T1')).map(({ id }) => id)).toEqual([run.id]);
  expect(await unannouncedRuns(db, 'T2')).toEqual([]);
  expect(await markAnnounced(db, run.id)).toBe(true);
  expect(await markAnnounced(db, run.id)).toBe(false);
  expect(await unannouncedRuns(db, 'T1')).toEqual([]);
});

it('is started by one trainer, however many try', async () => {
  const { id } = await createRun(db, request);
  const started = await Promise.all(Array.from({ length: 8 }, () => startRun(db, id)));
  expect(started.filter(Boolean)).toHaveLength(1);
});

it.each([
  { name: 'finishing', again: (id: string) => finishRun(db, id, end) },
  { name: 'failing', again: (id: string) => failRun(db, id, 'too late') },
  { name: 'starting', again: (id: string) => startRun(db, id) },
  { name: 'a sign of life', again: (id: string) => reportProgress(db, id, progress) },
])('does not change after its end by $name', async ({ again }) => {
  for (const finish of [(id: string) => finishRun(db, id, end), (id: string) => failRun(db, id, 'out of memory')]) {
    const id = await runningRun();
    expect(await finish(id)).toBe(true);
    const ended = await getRun(db, id);
    expect(await again(id)).toBe(false);
    expect(await getRun(db, id)).toEqual(ended);
  }
});

it('can fail before it started, and not be finished without a start', async () => {
  const { id } = await createRun(db, request);
  expect(await finishRun(db, id, end)).toBe(false);
  expect(await failRun(db, id, 'the queue is unreachable')).toBe(true);
  expect(await getRun(db, id)).toMatchObject({ state: 'failed', error: 'the queue is unreachable', startedAt: null });
});

it('fails when its trainer is silent for too long, and only then', async () => {
  const silent = await runningRun('T5');
  const alive = await runningRun('T5');
  const queued = await createRun(db, { ...request, teamId: 'T5' });
  const longAgo = sql<Date>`now() - interval '10 minutes'`;
  await db.updateTable('trainingRuns').set({ heartbeatAt: longAgo }).where('id', 'in', [silent, alive]).execute();
  await reportProgress(db, alive, progress);
  expect(await failStaleRuns(db, 120_000)).toEqual([silent]);
  expect(await failStaleRuns(db, 120_000)).toEqual([]);
  expect(await getRun(db, silent)).toMatchObject({ state: 'failed', error: 'The trainer stopped answering' });
  expect((await activeRuns(db, 'T5')).map(({ id }) => id)).toEqual([alive, queued.id]);
});
