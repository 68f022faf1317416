import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from './database.ts';
import type { RunProgress, RunResult, TrainingRun } from './tables.ts';

/** Writes down that a training was asked for; its id is the job's, too. */
export function createRun(db: Db, run: { teamId: string; requestedBy: string; channelId: string }): Promise<TrainingRun> {
  return db
    .insertInto('trainingRuns')
    .values({ ...run, id: randomUUID() })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Notes the message that is edited to tell the run's progress. */
export async function setRunMessage(db: Db, id: string, messageTs: string): Promise<void> {
  await db.updateTable('trainingRuns').set({ messageTs }).where('id', '=', id).execute();
}

/** Takes a queued run. False when it is not queued any more: another trainer has it, or it ended. */
export function startRun(db: Db, id: string): Promise<boolean> {
  const now = sql<Date>`now()`;
  return changed(
    db
      .updateTable('trainingRuns')
      .set({ state: 'running', startedAt: now, heartbeatAt: now })
      .where('id', '=', id)
      .where('state', '=', 'queued'),
  );
}

/** Tells where a run is, and that its trainer lives. False when the run is not running any more: the trainer should stop. */
export function reportProgress(db: Db, id: string, progress: RunProgress): Promise<boolean> {
  return changed(
    db
      .updateTable('trainingRuns')
      .set({ progress: JSON.stringify(progress), heartbeatAt: sql<Date>`now()` })
      .where('id', '=', id)
      .where('state', '=', 'running'),
  );
}

export type RunEnd = { result: RunResult; modelVersion: string; promoted: boolean; reason: string };

/** Ends a run well. False when it is not running: it was given up, or ended before. */
export function finishRun(db: Db, id: string, { result, ...end }: RunEnd): Promise<boolean> {
  return changed(
    db
      .updateTable('trainingRuns')
      .set({ ...end, state: 'succeeded', result: JSON.stringify(result), endedAt: sql<Date>`now()` })
      .where('id', '=', id)
      .where('state', '=', 'running'),
  );
}

/** Ends a run that did not work, with a sentence for people. False when it had ended before. */
export function failRun(db: Db, id: string, error: string): Promise<boolean> {
  return changed(
    db
      .updateTable('trainingRuns')
      .set({ state: 'failed', error, endedAt: sql<Date>`now()` })
      .where('id', '=', id)
      .where('endedAt', 'is', null),
  );
}

export function getRun(db: Db, id: string): Promise<TrainingRun | undefined> {
  return db.selectFrom('trainingRuns').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Runs of a team that are queued or running, oldest first. */
export function activeRuns(db: Db, teamId: string): Promise<TrainingRun[]> {
  return db.selectFrom('trainingRuns').selectAll().where('teamId', '=', teamId).where('endedAt', 'is', null).orderBy('createdAt').execute();
}

/** Runs of a team whose end was not told in Slack yet, oldest first. */
export function unannouncedRuns(db: Db, teamId: string): Promise<TrainingRun[]> {
  return db
    .selectFrom('trainingRuns')
    .selectAll()
    .where('teamId', '=', teamId)
    .where('endedAt', 'is not', null)
    .where('announcedAt', 'is', null)
    .orderBy('endedAt')
    .execute();
}

/** Notes that the end of a run was told in Slack. False when it was noted before, or the run has not ended. */
export function markAnnounced(db: Db, id: string): Promise<boolean> {
  return changed(
    db
      .updateTable('trainingRuns')
      .set({ announcedAt: sql<Date>`now()` })
      .where('id', '=', id)
      .where('endedAt', 'is not', null)
      .where('announcedAt', 'is', null),
  );
}

/**
 * Fails the running runs of every team whose trainer gave no sign of life for this long.
 * @param olderThanMs ms without a heartbeat
 * @returns ids of the runs that were failed
 */
export async function failStaleRuns(db: Db, olderThanMs: number): Promise<string[]> {
  const failed = await db
    .updateTable('trainingRuns')
    .set({ state: 'failed', error: 'The trainer stopped answering', endedAt: sql<Date>`now()` })
    .where('state', '=', 'running')
    .where('heartbeatAt', '<', sql<Date>`now() - ${olderThanMs} * interval '1 millisecond'`)
    .returning('id')
    .execute();
  return failed.map(({ id }) => id);
}

async function changed(update: { executeTakeFirst(): Promise<{ numUpdatedRows: bigint }> }): Promise<boolean> {
  return (await update.executeTakeFirst()).numUpdatedRows > 0n;
}
