import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArguments } from '../../cli.ts';
import { readImported } from '../../data/imported.ts';
import type { DataSet } from '../../data/row.ts';
import { readSeed } from '../../data/seed.ts';
import { readTaxonomy } from '../../data/taxonomy.ts';
import { messageOf, TicketwiseError } from '../../errors.ts';
import { labelsOf } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import { openClassifier } from '../../models/classifier.ts';
import { readModelFolder, writeManifest } from '../../models/folder.ts';
import { blend } from '../blend.ts';
import { buildModel } from '../build.ts';
import { agreement, classifyRows, evaluate } from '../evaluation/evaluate.ts';
import { resolveBanking77, resolveBase } from '../sources.ts';
import { withoutTestRows } from '../test-rows.ts';
import { chooseDevice, DEVICES, parseDevice } from '../training/devices.ts';
import type { TrainingProgress } from '../training/progress.ts';
import { assertNoState, readState, stateDir } from '../training/state.ts';
import { toHistory } from './history.ts';
import { downloadBar, duration, trainingBar } from './progress-bar.ts';
import { readRecipe } from './read-recipe.ts';
import { describeRun, summariseEvaluation, writeRun } from './results.ts';
import { outOf, recipeOf, resumeCommand } from './resume.ts';
import { reportRun } from './run-report.ts';
import { writeSamples } from './samples-page.ts';
import { formatServing, measureServing } from './serving.ts';
import { formatEvaluation } from './table.ts';

const USAGE = `npm run train -- [--base NAME|PATH] [--banking77 PATH] [--recipe NAME|FILE.json] [--seed N] [--learning-rate X] [--device ${DEVICES.join('|')}] [--out DIR | --resume DIR] [--beside OLD_MODEL_DIR] [--no-report]`;

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
  const recipe = await recipeOf(values, from, readRecipe);

  const downloads = downloadBar();
  const taxonomy = await readTaxonomy();
  const labels = labelsOf(taxonomy);
  const base = await resolveBase(values.base ?? defaults.base, downloads.update);
  const banking77 = await resolveBanking77(values.banking77 ?? defaults.banking77, taxonomy, downloads.update);
  downloads.stop();
  const [seedTrain, seedTest] = [await readSeed('train', taxonomy), await readSeed('test', taxonomy)];
  const parts = [banking77.test, seedTest];
  const known = withoutTestRows([banking77.train, seedTrain, ...(await readImported(taxonomy))], parts);
  if (known.note !== undefined) say(known.note);
  const corpora = known.corpora.filter((corpus) => recipe.sourceWeights[corpus.rows[0]?.source ?? 'seed'] > 0);
  const mixed = blend(corpora, []);
  say(
    `Training ${base.name} on ${mixed.train.length} messages (${mixed.heldOut.length} held out), ${availableParallelism()} threads, device: ${device.why}.`,
  );
  const before = from?.history.at(-1);
  if (before !== undefined) say(`It goes on after step ${before.step} of ${before.steps}.`);

  const bar = trainingBar();
  const steps: TrainingProgress[] = [];
  const started = performance.now();
  const folder = await buildModel({
    base,
    labels,
    blend: mixed,
    data: corpora,
    recipe,
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

  const served = await answersOf(out, 'int8', parts);
  const [full] = await answersOf(out, 'fp32', parts.slice(0, 1));
  const evaluations = parts.map((part, i) => evaluate(part, served[i] ?? [], labels));
  const int8Agreement = agreement(served[0] ?? [], full ?? []);
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
  const metrics = Object.fromEntries(evaluations.map((evaluation) => [evaluation.dataSet, summariseEvaluation(evaluation)]));
  await writeManifest(out, { ...folder.manifest, metrics });
  const described = await describeRun(await readModelFolder(out), `npm run train -- ${args.join(' ')}`.trim(), evaluations, training);
  const record = { ...described, int8Agreement, serving: await measureServing(out, 'int8', parts) };
  const file = await writeRun(record);
  const samples = await writeSamples(record, parts, served, labels);
  for (const evaluation of evaluations) process.stdout.write(`\n${formatEvaluation(evaluation, labels)}\n`);
  process.stdout.write(`\nint8 and float32 give ${(100 * int8Agreement).toFixed(2)} % of ${banking77.test.name} the same intent.\n`);
  process.stdout.write(`${formatServing(record.serving)}\n`);
  process.stdout.write(
    `Model ${folder.version} in ${path.relative('.', out)}, figures in ${path.relative('.', file)}, samples of answers in ${path.relative('.', samples)}\n`,
  );
  if (values['no-report']) return;
  const { sourceWeights: weights } = recipe;
  const report = await reportRun({ record, model: out, labels, parts, answers: served, blend: mixed, weights, beside: values.beside });
  process.stdout.write(`${report}\n`);
}

/** What the exported file answers for each data set, in the precision asked for. */
async function answersOf(dir: string, precision: 'int8' | 'fp32', parts: readonly DataSet[]): Promise<Classification[][]> {
  const classifier = await openClassifier(dir, { precision, threads: availableParallelism() });
  const answers = [];
  for (const part of parts) answers.push(await classifyRows(classifier, part.rows));
  await classifier.dispose();
  return answers;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
