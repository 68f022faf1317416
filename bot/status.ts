import { feedbackForTraining } from '../db/feedback.ts';
import { activeRuns } from '../db/runs.ts';
import type { TrainingRun } from '../db/tables.ts';
import { type Content, section } from './blocks.ts';
import type { Deps } from './deps.ts';
import { leaves, runReport, shown } from './run-report.ts';
import { escapeText, joinWithin, SECTION_LIMIT } from './slack-text.ts';

/** Figures of the model that are shown, and how many at most. */
const SHOWN = /\.(accuracy|told\.coverage|told\.precision)$/;
const FIGURES = 10;

/** What there is to tell of the bot. */
export type Status = {
  model: { version: string; createdAt: string; metrics: Record<string, unknown> };
  tickets: number;
  /** tickets whose category the bot was not sure of, and asked for */
  asked: number;
  /** tickets that somebody corrected or confirmed */
  corrected: number;
  runs: TrainingRun[];
};

/** Reads what `/ticket status` tells. */
export async function readStatus({ db, slack, model }: Deps): Promise<Status> {
  const { tickets } = await db
    .selectFrom('tickets')
    .select((select) => select.fn.countAll<number>().as('tickets'))
    .where('teamId', '=', slack.teamId)
    .executeTakeFirstOrThrow();
  const { asked } = await db
    .selectFrom('predictions')
    .innerJoin('tickets', 'tickets.id', 'predictions.ticketId')
    .select((select) => select.fn.count<number>('ticketId').distinct().as('asked'))
    .where('predictions.teamId', '=', slack.teamId)
    .where('sure', '=', false)
    .where('silent', '=', false)
    .where('closed', 'is', null)
    .executeTakeFirstOrThrow();
  const corrected = (await feedbackForTraining(db, slack.teamId)).length;
  const { version, createdAt, metrics } = model;
  return { model: { version, createdAt, metrics }, tickets, asked, corrected, runs: await activeRuns(db, slack.teamId) };
}

/** The private answer of `/ticket status`. */
export function statusReport({ model, tickets, asked, corrected, runs }: Status): Content {
  const figures = leaves(model.metrics)
    .filter(([name]) => SHOWN.test(name))
    .slice(0, FIGURES)
    .map(([name, value]) => `${escapeText(name)} ${shown(value)}`);
  const lines = [
    `:brain: Model \`${escapeText(model.version)}\` of ${escapeText(model.createdAt.slice(0, 10))} answers.`,
    ...(figures.length > 0 ? [`Measured: ${figures.join(' · ')}`] : []),
    `:ticket: ${tickets.toLocaleString('en')} ${tickets === 1 ? 'ticket' : 'tickets'} so far, ${asked.toLocaleString('en')} of them asked about, ${corrected.toLocaleString('en')} corrected or confirmed.`,
    ...(runs.length === 0 ? ['No training is under way.'] : []),
  ];
  const summary = joinWithin(lines, '\n', SECTION_LIMIT);
  return { text: summary, blocks: [section(summary), ...runs.slice(0, 3).flatMap((run) => runReport(run).blocks)] };
}
