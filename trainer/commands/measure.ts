import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { DataSet } from '../../data/row.ts';
import type { Labels } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import { openClassifier } from '../../models/classifier.ts';
import { type ModelFolder, readModelFolder, writeManifest } from '../../models/folder.ts';
import type { Blend } from '../blend.ts';
import { agreement, classifyRows, evaluate } from '../evaluation/evaluate.ts';
import type { Recipe } from '../training/recipe.ts';
import { describeRun, summariseEvaluation, type Training, writeRun } from './results.ts';
import { reportRun } from './run-report.ts';
import { writeSamples } from './samples-page.ts';
import { formatServing, measureServing } from './serving.ts';
import { formatEvaluation } from './table.ts';

export type MeasureOptions = {
  /** what the record names as the command */
  command: string;
  labels: Labels;
  /** test parts, Banking77's first */
  parts: readonly DataSet[];
  /** what the linear baseline learns from, and the weights of its sources */
  blend: Blend;
  weights: Recipe['sourceWeights'];
  training: Training | undefined;
  /** folder of an older model, which the report sets beside it */
  beside: string | undefined;
  /** whether a report is made */
  report: boolean;
};

/** Measures a model that was just made, as it is served; prints the figures, and keeps them in its manifest and in `results`. */
export async function measureModel({ dir, manifest }: ModelFolder, options: MeasureOptions): Promise<void> {
  const { command, labels, parts, blend, weights, training, beside } = options;
  const served = await answersOf(dir, 'int8', parts);
  const [full] = await answersOf(dir, 'fp32', parts.slice(0, 1));
  const evaluations = parts.map((part, i) => evaluate(part, served[i] ?? [], labels));
  const int8Agreement = agreement(served[0] ?? [], full ?? []);
  const metrics = Object.fromEntries(evaluations.map((evaluation) => [evaluation.dataSet, summariseEvaluation(evaluation)]));
  await writeManifest(dir, { ...manifest, metrics });
  const folder = await readModelFolder(dir);
  const described = await describeRun(folder, command, evaluations, training);
  const record = { ...described, int8Agreement, serving: await measureServing(dir, 'int8', parts) };
  const file = await writeRun(record);
  const samples = await writeSamples(record, parts, served, labels);
  for (const evaluation of evaluations) process.stdout.write(`\n${formatEvaluation(evaluation, labels)}\n`);
  process.stdout.write(`\nint8 and float32 give ${(100 * int8Agreement).toFixed(2)} % of ${parts[0]?.name} the same intent.\n`);
  process.stdout.write(`${formatServing(record.serving)}\n`);
  process.stdout.write(
    `Model ${folder.version} in ${path.relative('.', dir)}, figures in ${path.relative('.', file)}, samples of answers in ${path.relative('.', samples)}\n`,
  );
  if (!options.report) return;
  process.stdout.write(`${await reportRun({ record, model: dir, labels, parts, answers: served, blend, weights, beside })}\n`);
}

/** What the exported file answers for each data set, in the precision asked for. */
async function answersOf(dir: string, precision: 'int8' | 'fp32', parts: readonly DataSet[]): Promise<Classification[][]> {
  const classifier = await openClassifier(dir, { precision, threads: availableParallelism() });
  const answers = [];
  for (const part of parts) answers.push(await classifyRows(classifier, part.rows));
  await classifier.dispose();
  return answers;
}
