import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import type { Labels } from '../../labels.ts';
import type { OutOfScopeRecord } from '../commands/out-of-scope-record.ts';
import type { RunRecord } from '../commands/results.ts';
import type { LabelKind } from '../evaluation/evaluate.ts';
import { type Answered, type Comparison, compare, type Part, sharesOf } from './comparison.ts';
import { confidencePlot, coveragePlot, reliabilityPlot } from './confidence-plots.ts';
import { confusedIntentsPlot, confusionPlot } from './confusion-plots.ts';
import { byLength } from './curves.ts';
import { drawFigure, type Figure, toPng } from './draw.ts';
import { addNearest, confidentMistakes, finestKind, type Nearest } from './mistakes.ts';
import { page, type Section } from './page.ts';
import { classPlot, lengthPlot, modelsPlot } from './score-plots.ts';
import { trainingPlot } from './training-plot.ts';

export type ReportInput = {
  record: RunRecord;
  labels: Labels;
  /** what was measured on; the figures at the report's head are those of the first */
  parts: readonly Part[];
  model: Answered;
  /** what stands beside it: the baseline, and the old model where there is one */
  others: readonly Answered[];
  /** absent: mistakes are shown without the training rows that they are like */
  nearest?: Nearest;
  /** how well messages that are like nothing learnt are told, where that was measured */
  outOfScope?: OutOfScopeRecord | undefined;
};

const MISTAKES = 30;

/**
 * Writes `report.html`, one file that needs no other, and each of its plots as a PNG beside it. The folder is made aside
 * and renamed: an earlier report stays until the new one is whole.
 * @returns the path of the page
 */
export async function writeReport(
  dir: string,
  { record, labels, parts, model, others, nearest, outOfScope }: ReportInput,
): Promise<string> {
  const comparisons = compare(parts, [model, ...others], labels);
  const training = record.training?.history.step.length ? await drawFigure('training', trainingPlot(record.training.history)) : undefined;
  const sections: Section[] = [];
  for (const [i, comparison] of comparisons.entries()) {
    const { rows } = comparison.part;
    const mistakeKind = finestKind(rows);
    const mistakes = confidentMistakes(rows, model.answers[i] ?? [], mistakeKind, MISTAKES);
    sections.push({
      comparison,
      figures: await drawPart(comparison, labels),
      mistakeKind,
      mistakes: nearest === undefined ? mistakes : await addNearest(mistakes, mistakeKind, nearest),
    });
  }
  const figures = [...(training === undefined ? [] : [training]), ...sections.flatMap((section) => section.figures)];

  const aside = `${path.resolve(dir)}.${process.pid}.tmp`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  try {
    await writeFile(path.join(aside, 'report.html'), page({ record, sections, training, outOfScope }));
    for (const { name, svg } of figures) await writeFile(path.join(aside, `${name}.png`), toPng(svg));
    await rm(dir, { recursive: true, force: true });
    await rename(aside, dir);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
  return path.join(dir, 'report.html');
}

/** The plots of one part, in the order in which they are read. */
async function drawPart({ part, evaluation, kinds }: Comparison, labels: Labels): Promise<Figure[]> {
  const { intent, category, priority } = evaluation;
  const names = new Map([...labels.categories, ...labels.priorities].map(({ id, name }) => [id, name]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const answers = kinds.flatMap(({ kind, standings: [own] }) => {
    const promises = kind === 'category' ? evaluation.promises : undefined;
    return own === undefined ? [] : [{ name: kind, judged: own.judged, promises }];
  });
  const confident = answers.filter(({ name }) => name !== 'priority');
  const texts = (kind: LabelKind) => part.rows.filter((row) => row[kind] !== undefined).map(({ text }) => text);
  const plots: [string, TopLevelSpec | undefined | false][] = [
    ['models', kinds.some(({ standings }) => standings.length > 1) && modelsPlot(sharesOf(kinds))],
    ['confusion', category && confusionPlot(category, nameOf)],
    ['confused-intents', intent && intent.accuracy < 1 && confusedIntentsPlot(intent)],
    ['reliability', confident.length > 0 && reliabilityPlot(confident)],
    ['coverage', confident.length > 0 && coveragePlot(confident)],
    ...confident.map((kind): [string, TopLevelSpec] => [`confidence-${kind.name}`, confidencePlot(kind)]),
    [
      'length',
      lengthPlot(
        answers.map(({ name, judged }) => {
          const of = texts(name);
          return { name, slices: byLength(judged.map(({ truth, answer }, i) => ({ text: of[i] ?? '', right: truth === answer }))) };
        }),
      ),
    ],
    ['categories', category && classPlot('Categories', category.perClass, nameOf)],
    ['priorities', priority && classPlot('Priorities', priority.perClass, nameOf)],
    ['intents', intent && classPlot('Intents', intent.perClass, nameOf)],
  ];
  const figures: Figure[] = [];
  for (const [name, spec] of plots) if (spec) figures.push(await drawFigure(`${part.name.replace(/\W+/g, '-')}-${name}`, spec));
  return figures;
}
