import type { TopLevelSpec } from 'vega-lite';
import type { Row } from '../../data/row.ts';
import type { Plot } from '../../db/run-plots.ts';
import type { Labels } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import { toHistory } from '../commands/history.ts';
import { compare, sharesOf } from './comparison.ts';
import { reliabilityPlot } from './confidence-plots.ts';
import { confusionPlot } from './confusion-plots.ts';
import { drawFigure, toPng } from './draw.ts';
import { modelsPlot } from './score-plots.ts';
import { trainingPlot } from './training-plot.ts';

export type RunPlotsInput = {
  labels: Labels;
  /** held-out rows, and what the new model answers to them; the old one where there is one of these labels */
  rows: readonly Row[];
  answers: readonly Classification[];
  old: readonly Classification[] | undefined;
  /** each step of the training */
  steps: Parameters<typeof toHistory>[0];
};

/** Draws what the report of a retraining shows beside its figures: old and new, confusion, calibration, and the course of training. */
export async function drawRunPlots({ labels, rows, answers, old, steps }: RunPlotsInput): Promise<Plot[]> {
  const model = { name: 'new', answers: [answers] };
  const others = old === undefined ? [] : [{ name: 'old', answers: [old] }];
  const [comparison] = compare([{ name: 'held out', rows }], [model, ...others], labels);
  const history = toHistory(steps);
  const kinds = comparison?.kinds ?? [];
  const names = new Map(labels.categories.map(({ id, name }) => [id, name]));
  const category = comparison?.evaluation.category;
  const judged = kinds.flatMap(({ kind, standings: [own] }) =>
    kind === 'priority' || own === undefined ? [] : [{ name: kind, judged: own.judged }],
  );
  const plots: [string, TopLevelSpec | undefined | false][] = [
    ['models', kinds.length > 0 && modelsPlot(sharesOf(kinds))],
    ['confusion', category && confusionPlot(category, (id) => names.get(id) ?? id)],
    ['reliability', judged.length > 0 && reliabilityPlot(judged)],
    ['training', history.step.length > 0 && trainingPlot(history)],
  ];
  const drawn: Plot[] = [];
  for (const [name, spec] of plots) {
    if (!spec) continue;
    const { title, svg } = await drawFigure(name, spec);
    drawn.push({ name, title, png: toPng(svg) });
  }
  return drawn;
}
