import type { Db } from './database.ts';
import type { TrainingRun } from './tables.ts';

/** A plot of a training: `name` for files, `title` for people. */
export type Plot = { name: string; title: string; png: Buffer };

/** Keeps the plots of a run, in their order; those that are there already stay. */
export async function storePlots(db: Db, { id, teamId }: Pick<TrainingRun, 'id' | 'teamId'>, plots: readonly Plot[]): Promise<void> {
  if (plots.length === 0) return;
  await db
    .insertInto('runPlots')
    .values(plots.map((plot, place) => ({ teamId, runId: id, place, ...plot })))
    .onConflict((conflict) => conflict.columns(['runId', 'place']).doNothing())
    .execute();
}

/** The plots of a run, in their order. */
export function plotsOf(db: Db, runId: string): Promise<Plot[]> {
  return db.selectFrom('runPlots').select(['name', 'title', 'png']).where('runId', '=', runId).orderBy('place').execute();
}
