import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArguments } from '../../cli.ts';
import { readTaxonomy } from '../../data/taxonomy.ts';
import { messageOf, TicketwiseError } from '../../errors.ts';
import { labelsOf } from '../../labels.ts';
import { blend } from '../blend.ts';
import { buildModel } from '../build.ts';
import { counted, readCorpora } from '../corpora.ts';
import { recipeWith, teach } from '../distillation/teachers.ts';
import { resolveBanking77, resolveBase } from '../sources.ts';
import { chooseDevice, DEVICES, parseDevice } from '../training/devices.ts';
import type { TrainingProgress } from '../training/progress.ts';
import { assertNoState, readState, stateDir } from '../training/state.ts';
import { toHistory } from './history.ts';
import { measureModel } from './measure.ts';
import { downloadBar, duration, trainingBar } from './progress-bar.ts';
import { readRecipe } from './read-recipe.ts';
import { outOf, recipeOf, resumeCommand } from './resume.ts';

const USAGE = `npm run train -- [--base NAME|PATH] [--banking77 PATH] [--recipe NAME|FILE.json] [--seed N] [--learning-rate X] [--device ${DEVICES.join('|')}] [--teacher MODEL_DIR ...] [--out DIR | --resume DIR] [--beside OLD_MODEL_DIR] [--no-report]`;

/** What the environment says where an option is absent. */
export type Defaults = { base: string | undefined; banking77: string | undefined };

/** `npm run train`: trains a model from the corpora, measures it on their test parts and keeps the figures. */
export async function trainCommand(args: string[], defaults: Defaults, signal: AbortSignal): Promise<void> {
  const { values, positionals } = parseArguments(
    args,
    {
      base: { type: 'string' },
      banking77: { type: 'string' },
      recipe: { type: 'string' },
      seed: { type: 'string' },
      'learning-rate': { type: 'string' },
      device: { type: 'string', default: 'auto' },
      out: { type: 'string' },
      resume: { type: 'string' },
      teacher: { type: 'string', multiple: true },
      beside: { type: 'string' },
      'no-report': { type: 'boolean', default: false },
    },
    USAGE,
  );
  if (positionals.length > 0) throw new TicketwiseError('bad_usage', `Unexpected "${positionals[0]}".\nUsage: ${USAGE}`);
  const out = outOf(values);
  const from = values.resume === undefined ? undefined : await readState(stateDir(out));
  const command = resumeCommand(values, out);
  if (from === undefined) await assertNoState(stateDir(out), command);
  const device = await chooseDevice(parseDevice(values.device));
  const recipe = recipeWith(values.teacher, await recipeOf(values, from, readRecipe));

  const downloads = downloadBar();
  const taxonomy = await readTaxonomy();
  const labels = labelsOf(taxonomy);
  const base = await resolveBase(values.base ?? defaults.base, downloads.update);
  const banking77 = await resolveBanking77(values.banking77 ?? defaults.banking77, taxonomy, downloads.update);
  downloads.stop();
  const { parts, note, ...known } = await readCorpora(banking77, taxonomy);
  if (note !== undefined) say(note);
  const corpora = counted(known.corpora, recipe.sourceWeights);
  const mixed = blend(corpora, []);
  const threads = availableParallelism();
  say(
    `Training ${base.name} on ${mixed.train.length} messages (${mixed.heldOut.length} held out), ${threads} threads, device: ${device.why}.`,
  );
  const lessons = values.teacher && (await teach(mixed.train, values.teacher, { labels, recipe, threads, signal, onTeacher: sayTeacher }));
  const before = from?.history.at(-1);
  if (before !== undefined) say(`It goes on after step ${before.step} of ${before.steps}.`);

  const bar = trainingBar();
  const steps: TrainingProgress[] = [];
  const started = performance.now();
  const folder = await buildModel({
    base,
    labels,
    blend: { ...mixed, ...(lessons && { train: lessons.rows }) },
    data: corpora,
    recipe,
    lessons,
    out,
    device,
    keep: { ...(from && { from }), command, onTrouble: (error) => say(`\nThis training cannot be kept, and goes on: ${messageOf(error)}`) },
    signal,
    onProgress: (progress) => {
      steps.push(progress);
      bar.update(progress);
    },
  }).finally(() => bar.stop());
  const seconds = (before?.seconds ?? 0) + (performance.now() - started) / 1000;
  if (signal.aborted)
    throw new TicketwiseError(
      'interrupted',
      `The model is written, and was not measured. Measure it with\n  npm run evaluate -- --model ${path.relative('.', out)}`,
      { cause: signal.reason },
    );
  say(`Trained in ${duration(seconds)}. Measuring the exported model ...`);

  const last = steps.at(-1);
  const training = last && {
    device: device.name,
    seconds,
    steps: last.steps,
    tokensPerSecond: last.tokensPerSecond,
    finalLoss: last.loss,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    history: toHistory(steps),
  };
  const measured = { command: `npm run train -- ${args.join(' ')}`.trim(), labels, parts, blend: mixed, weights: recipe.sourceWeights };
  await measureModel(folder, { ...measured, training, beside: values.beside, report: !values['no-report'] });
}

function sayTeacher(dir: string, messages: number): void {
  say(`${path.relative('.', dir)} answers to ${messages} messages and variants of them ...`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
