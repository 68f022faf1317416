import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { DataSet } from '../data/row.ts';
import { readTaxonomy } from '../data/taxonomy.ts';
import type { Db } from '../db/database.ts';
import { feedbackForTraining } from '../db/feedback.ts';
import { liveVersion, promote } from '../db/models.ts';
import type { RetrainJob } from '../db/queue.ts';
import { storePlots } from '../db/run-plots.ts';
import { finishRun, reportProgress, startRun } from '../db/runs.ts';
import type { RunProgress } from '../db/tables.ts';
import { messageOf, TicketwiseError } from '../errors.ts';
import { type Labels, labelsOf, sameClasses, type Taxonomy } from '../labels.ts';
import type { Log } from '../log.ts';
import { tidyCache } from '../models/cache.ts';
import { isServing, readModelFolder } from '../models/folder.ts';
import { dropOldFiles } from '../models/old-files.ts';
import { fetchModel, noteModel, publishModel } from '../models/registry.ts';
import { type Blend, blend, correctionsOf } from './blend.ts';
import { buildModel } from './build.ts';
import { readCorpora } from './corpora.ts';
import { type Lessons, teach } from './distillation/teachers.ts';
import { decide } from './evaluation/gate.ts';
import { measureHeldOut } from './evaluation/held-out.ts';
import { shapeOf } from './network/bert-config.ts';
import { drawRunPlots, type RunPlotsInput } from './report/run-plots.ts';
import { type Base, baseAt, resolveBanking77, resolveBase, STARTER } from './sources.ts';
import { chooseDevice, type WantedDevice } from './training/devices.ts';
import type { TrainingProgress } from './training/progress.ts';
import type { Recipe } from './training/recipe.ts';

export type JobOptions = {
  db: Db;
  log: Log;
  baseModel: string | undefined;
  banking77: string | undefined;
  recipe: Recipe;
  /** Default `auto` */
  device?: WantedDevice;
  /** folder where models of the registry are kept */
  cache: string;
  signal: AbortSignal;
  /** what to train on beside the corrections, for tests; default: Banking77 where it can be had, and the seed corpus */
  corpora?: DataSet[];
  taxonomy?: Taxonomy;
  /** model that is live when the registry has none. Default: the starter */
  starter?: string;
};

/** Share of the learning rate, and epochs, when training goes on from a trained model for want of a base: enough to learn the corrections, too little to forget. */
const GOING_ON = { rate: 0.25, epochs: 2 };

/**
 * How the live model teaches the one that is to follow it: half of what that learns of each message of the corpora. So what the
 * live one knows of them, from several models maybe, is not lost with each training from the base.
 */
const LIVE_TEACHES: NonNullable<Recipe['distillation']> = { share: 0.5, variants: 0 };

/** How often the trainer tells that it lives, in ms. */
const HEARTBEAT = 10_000;

/**
 * Does one retraining: blend, train, publish, measure old and new on the same held-out rows, decide, promote.
 * Nothing that is live changes until the decision is written down.
 * @throws whatever went wrong; the run is then still running, and the caller fails it
 */
export async function retrain({ runId, teamId }: RetrainJob, options: JobOptions): Promise<void> {
  const { db, log, recipe, cache } = options;
  if (!(await startRun(db, runId))) return;
  const lost = new AbortController();
  const signal = AbortSignal.any([options.signal, lost.signal]);
  const beat = heartbeat(db, runId, () => lost.abort(new Error('the run was given up')));
  const scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-run-'));
  try {
    beat.report({ phase: 'reading data', step: 0, steps: 0, loss: null, secondsLeft: null });
    const taxonomy = options.taxonomy ?? (await readTaxonomy());
    const labels = labelsOf(taxonomy);
    const live = await liveFolder(db, teamId, cache, options.starter ?? STARTER);
    const { corpora, notes } =
      options.corpora === undefined ? await corporaAtHand(options.banking77, taxonomy, log) : { corpora: options.corpora, notes: [] };
    const { base, resolved } = await chooseBase(options.baseModel, live, recipe, notes);
    const feedback = await feedbackForTraining(db, teamId);
    const { rows: corrections, unknown } = correctionsOf(
      feedback.map((ticket) => ({ ...ticket, ticketId: String(ticket.ticketId) })),
      labels,
    );
    if (unknown > 0)
      notes.push(`${unknown} ${unknown === 1 ? 'correction names a label' : 'corrections name labels'} that the taxonomy no longer has.`);
    const mixed = blend(corpora, corrections);
    const device = await chooseDevice(options.device ?? 'auto');
    log.info(
      {
        runId,
        train: mixed.train.length,
        heldOut: mixed.heldOut.length,
        corrections: corrections.length,
        base: base.name,
        device: device.why,
      },
      'Training',
    );

    const steps: TrainingProgress[] = [];
    beat.report({ phase: 'asking the live model', step: 0, steps: 0, loss: null, secondsLeft: null });
    const lessons = live === undefined || base.dir === live ? undefined : await lessonsOf(live, mixed, labels, resolved, { log, signal });
    const folder = await buildModel({
      base,
      labels,
      blend: mixed,
      data: corpora,
      recipe: lessons === undefined ? resolved : { ...resolved, distillation: LIVE_TEACHES },
      lessons,
      out: path.join(scratch, 'model'),
      servedOnly: true,
      device,
      signal,
      onProgress: (progress) => {
        const { step, steps: all, loss, secondsLeft } = progress;
        steps.push(progress);
        beat.note({ phase: 'training', step, steps: all, loss, secondsLeft });
      },
    });
    beat.report({ phase: 'measuring old and new', step: 0, steps: 0, loss: null, secondsLeft: null });
    const after = await measureHeldOut(folder.dir, mixed.heldOut);
    const before = live === undefined ? undefined : await measureHeldOut(live, mixed.heldOut);
    const decision = decide(before?.outcome, after.outcome);
    if (decision.promote) {
      await publishModel(db, teamId, folder, runId);
      await promote(db, { teamId, version: folder.version, reason: decision.reason, runId, by: 'trainer' });
    } else await noteModel(db, teamId, folder, runId);
    const old = before !== undefined && sameLabels(before.labels, labels) ? before.answers : undefined;
    await keepPlots({ id: runId, teamId }, { labels, rows: mixed.heldOut, answers: after.answers, old, steps }, options);
    const result = { old: before === undefined ? null : before.figures, new: after.figures };
    const reason = [decision.reason, ...notes].join(' ');
    await finishRun(db, runId, { result, modelVersion: folder.version, promoted: decision.promote, reason });
    log.info({ runId, version: folder.version, promoted: decision.promote, reason }, 'Trained');
    await tidy(db, teamId, cache, log);
  } finally {
    await beat.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Drops what a promotion left behind; a run that succeeded is not failed by it. */
async function tidy(db: Db, teamId: string, cache: string, log: Log): Promise<void> {
  try {
    const dropped = await dropOldFiles(db, teamId);
    if (dropped.length > 0) log.info({ dropped }, 'Dropped the files of models that are too old to go back to');
    await tidyCache(db, teamId, cache);
  } catch (error) {
    log.warn({ why: messageOf(error) }, 'The files of old models stay until the next training');
  }
}

/** The folder of the team's live model, undefined when there is none at all. */
async function liveFolder(db: Db, teamId: string, cache: string, starter: string): Promise<string | undefined> {
  const version = await liveVersion(db, teamId);
  if (version !== undefined) return fetchModel(db, teamId, version, cache, isServing);
  return starter;
}

/** What there is to learn from; where Banking77 cannot be had, the rest. */
async function corporaAtHand(dir: string | undefined, taxonomy: Taxonomy, log: Log): Promise<{ corpora: DataSet[]; notes: string[] }> {
  const banking77 = await resolveBanking77(dir, taxonomy, () => {}).catch((error: unknown) => {
    if (!(error instanceof TicketwiseError) || error.code !== 'unreachable') throw error;
    log.warn({ why: error.message }, 'Training without Banking77');
    return undefined;
  });
  const { corpora, note } = await readCorpora(banking77, taxonomy);
  const without = 'Banking77 was not there (set BANKING77 to its folder), so this model learnt without it.';
  return { corpora, notes: [...(banking77 === undefined ? [without] : []), ...(note === undefined ? [] : [note])] };
}

/** The base checkpoint; where it cannot be had, the live model goes on, as the network that it is. */
async function chooseBase(
  given: string | undefined,
  live: string | undefined,
  recipe: Recipe,
  notes: string[],
): Promise<{ base: Base; resolved: Recipe }> {
  try {
    return { base: await resolveBase(given, () => {}), resolved: recipe };
  } catch (error) {
    if (given !== undefined || live === undefined || !(error instanceof TicketwiseError) || error.code !== 'unreachable') throw error;
    notes.push('The base checkpoint was not there (set BASE_MODEL to its folder), so training went on from the live model.');
    const { manifest } = await readModelFolder(live, isServing);
    const { rate, epochs } = GOING_ON;
    const resolved = { ...recipe, ...shapeOf(manifest.recipe, live), learningRate: recipe.learningRate * rate, epochs };
    return { base: await baseAt(live), resolved };
  }
}

/** What the live model answers to the messages; undefined where it cannot tell, as after a change of the taxonomy. */
async function lessonsOf(
  live: string,
  { train }: Blend,
  labels: Labels,
  recipe: Recipe,
  { log, signal }: Pick<JobOptions, 'log' | 'signal'>,
): Promise<Lessons | undefined> {
  const threads = availableParallelism();
  try {
    return await teach(train, [live], { labels, recipe: { ...recipe, distillation: LIVE_TEACHES }, threads, signal });
  } catch (error) {
    if (!(error instanceof TicketwiseError) || error.code === 'interrupted') throw error;
    log.warn({ why: error.message }, 'The live model does not teach the new one, which learns from the labels alone');
    return undefined;
  }
}

/** Draws the plots of a run; one that cannot be drawn or kept does not fail the run. */
async function keepPlots(
  run: { id: string; teamId: string },
  input: RunPlotsInput,
  { db, log }: Pick<JobOptions, 'db' | 'log'>,
): Promise<void> {
  try {
    await storePlots(db, run, await drawRunPlots(input));
  } catch (error) {
    log.warn({ runId: run.id, why: messageOf(error) }, 'The plots of the run could not be drawn');
  }
}

function sameLabels(one: Labels, other: Labels): boolean {
  return (['categories', 'priorities', 'intents'] as const).every((kind) => sameClasses(one[kind], other[kind]));
}

/** Tells the run's row where training is, at most every two seconds, and that the trainer lives in between. */
function heartbeat(db: Db, runId: string, onLost: () => void) {
  let progress: RunProgress = { phase: 'starting', step: 0, steps: 0, loss: null, secondsLeft: null };
  let sent = 0;
  let sending: Promise<void> = Promise.resolve();
  const send = () => {
    sent = Date.now();
    sending = sending
      .then(() => reportProgress(db, runId, progress))
      .then((running) => (running ? undefined : onLost()))
      .catch(() => undefined); // the next beat tries again; a database that stays away fails the run at its end
  };
  const timer = setInterval(send, HEARTBEAT);
  return {
    report(next: RunProgress) {
      progress = next;
      send();
    },
    note(next: RunProgress) {
      progress = next;
      if (Date.now() - sent > 2000) send();
    },
    async stop() {
      clearInterval(timer);
      await sending;
    },
  };
}
