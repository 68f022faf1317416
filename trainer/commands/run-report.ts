import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { DataSet } from '../../data/row.ts';
import { TicketwiseError } from '../../errors.ts';
import type { Labels } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import { openClassifier } from '../../models/classifier.ts';
import { openInference } from '../../models/inference.ts';
import type { Blend } from '../blend.ts';
import { trainBaseline } from '../evaluation/baseline.ts';
import { classifyRows, evaluate } from '../evaluation/evaluate.ts';
import type { Answered } from '../report/comparison.ts';
import { nearestRows } from '../report/mistakes.ts';
import { writeReport } from '../report/report.ts';
import type { Recipe } from '../training/recipe.ts';
import { readOutOfScope } from './out-of-scope-record.ts';
import { RESULTS, type RunRecord, summariseEvaluation, writeRun } from './results.ts';

export type RunReportOptions = {
  /** written already: what goes wrong here costs no figures */
  record: RunRecord;
  /** folder of the model */
  model: string;
  labels: Labels;
  /** what was measured on */
  parts: readonly DataSet[];
  /** the model's answers to the rows of each part */
  answers: readonly Classification[][];
  /** what the model was trained on: the baseline learns the same, mistakes are looked up in it */
  blend: Blend;
  weights: Recipe['sourceWeights'];
  /** folder of an older model to set beside this one */
  beside?: string | undefined;
  /** Default `results/` of the project */
  results?: string;
};

/**
 * Trains the linear baseline on what the model was trained on, keeps its scores in the run's record, and writes
 * `results/<run>/report.html` with its plots.
 * @returns the path of the page, or an error as text when there is none: a report that cannot be made is no failed run
 */
export async function reportRun(options: RunReportOptions): Promise<string> {
  const { record, model, labels, parts, answers, blend, weights, beside, results = RESULTS } = options;
  try {
    const train = blend.train.filter((row) => weights[row.source] > 0);
    const baseline = trainBaseline({ labels, train, heldOut: blend.heldOut, weights });
    const linear: Answered = { name: baseline.name, answers: parts.map((part) => baseline.classify(part.rows.map((row) => row.text))) };
    const scored = parts.map((part, i) => evaluate(part, linear.answers[i] ?? [], labels));
    const summaries = scored.map((evaluation) => ({ dataSet: evaluation.dataSet, ...summariseEvaluation(evaluation) }));
    await writeRun({ ...record, baseline: summaries }, results);
    const others = [...(beside === undefined ? [] : [await olderModel(beside, parts)]), linear];
    const inference = await openInference(model, { threads: availableParallelism() });
    try {
      const embed = async (texts: readonly string[]) => (await inference.run(texts)).map(({ embedding }) => embedding);
      const page = await writeReport(path.join(results, record.run), {
        record,
        labels,
        parts,
        model: { name: 'this model', answers },
        others,
        nearest: nearestRows(train, embed),
        outOfScope: await readOutOfScope(results),
      });
      return `Report in ${path.relative('.', page)}`;
    } finally {
      await inference.dispose();
    }
  } catch (error) {
    const why = error instanceof TicketwiseError || !(error instanceof Error) ? String(error) : error.stack;
    return `There is no report; model and figures are whole. ${why}`;
  }
}

async function olderModel(dir: string, parts: readonly DataSet[]): Promise<Answered> {
  const classifier = await openClassifier(dir, { threads: availableParallelism() });
  try {
    const answers = [];
    for (const part of parts) answers.push(await classifyRows(classifier, part.rows));
    return { name: `older ${classifier.version}`, answers };
  } finally {
    await classifier.dispose();
  }
}
