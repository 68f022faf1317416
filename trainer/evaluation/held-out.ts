import { availableParallelism } from 'node:os';
import type { Row } from '../../data/row.ts';
import type { Labels } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import { openClassifier } from '../../models/classifier.ts';
import { summariseEvaluation } from '../commands/results.ts';
import { classifyRows, evaluate, outcomeOf } from './evaluate.ts';
import type { Outcome } from './gate.ts';

/** What a model does on the held-out rows: whether it was right, its figures for each source, and its answers. */
export type Measured = { outcome: Outcome; figures: Record<string, unknown>; answers: Classification[]; labels: Labels };

/** Runs a model on the held-out rows, corpora and the team's own apart. */
export async function measureHeldOut(dir: string, heldOut: readonly Row[]): Promise<Measured> {
  const classifier = await openClassifier(dir, { threads: availableParallelism() });
  try {
    const answers = await classifyRows(classifier, heldOut);
    const figures: Record<string, unknown> = {};
    for (const source of new Set(heldOut.map((row) => row.source))) {
      const indices = heldOut.flatMap((row, i) => (row.source === source ? [i] : []));
      const rows = indices.map((i) => heldOut[i] as Row);
      const scores = summariseEvaluation(
        evaluate(
          { name: source, rows },
          indices.map((i) => answers[i] as Classification),
          classifier.labels,
        ),
      );
      figures[source] = { rows: rows.length, category: accuracyOf(scores.category), priority: accuracyOf(scores.priority) };
    }
    return { outcome: outcomeOf(heldOut, answers), figures, answers, labels: classifier.labels };
  } finally {
    await classifier.dispose();
  }
}

function accuracyOf(figures: unknown): unknown {
  return typeof figures === 'object' && figures !== null && 'accuracy' in figures
    ? { accuracy: figures.accuracy, macroF1: (figures as { macroF1?: unknown }).macroF1 }
    : undefined;
}
