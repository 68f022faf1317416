import type { Row } from '../../data/row.ts';
import { CHATTER } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import type { LabelKind } from '../evaluation/evaluate.ts';
import { fitTfIdf, innerProducts } from '../evaluation/tf-idf.ts';

/** A training row that is like a message; `similarity` is the cosine of their embeddings. */
export type Neighbour = { text: string; label: string; similarity: number };

export type Mistake = { text: string; truth: string; answer: string; confidence: number; nearest: Neighbour[] };

/** Finds the training rows that each mistake is like, the nearest first. */
export type Nearest = (mistakes: readonly Mistake[], kind: LabelKind) => Promise<{ row: Row; similarity: number }[][]>;

/**
 * Training rows that are embedded for each mistake: those with the most wording in common, of all, and of either label.
 * To embed all rows would take longer than the rest of a report.
 */
const SHORTLIST = { all: 40, ofLabel: 20 };
const NEAREST = 3;

/** The finest label that at least half of the rows have. */
export function finestKind(rows: readonly Row[]): LabelKind {
  return rows.filter((row) => row.intent !== undefined).length * 2 >= rows.length ? 'intent' : 'category';
}

/** The wrong answers that were given with the most confidence, the most confident first, without neighbours yet. */
export function confidentMistakes(rows: readonly Row[], answers: readonly Classification[], kind: LabelKind, most: number): Mistake[] {
  return rows
    .flatMap((row, i): Mistake[] => {
      const [truth, answer] = [row[kind], answers[i]?.[kind]];
      if (truth === undefined || answer === undefined || truth === answer.id) return [];
      return [{ text: row.text, truth, answer: answer.id, confidence: answer.probability, nearest: [] }];
    })
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, most);
}

/**
 * Finds the training rows that are nearest to a mistake by the model's embedding, of those with the most wording in common.
 * @param embed embeddings of texts by the model, `[texts][hidden]`
 */
export function nearestRows(train: readonly Row[], embed: (texts: readonly string[]) => Promise<readonly Float32Array[]>): Nearest {
  const tfIdf = fitTfIdf(train.map((row) => row.text));
  const known = tfIdf.transform(train.map((row) => row.text));
  return async (mistakes, kind) => {
    const asked = tfIdf.transform(mistakes.map(({ text }) => text));
    const shortlists = mistakes.map(({ truth, answer }, i) => {
      const ranked = descending(innerProducts(known, asked, i, tfIdf.width));
      const ofLabel = (label: string) => ranked.filter((index) => train[index]?.[kind] === label).slice(0, SHORTLIST.ofLabel);
      return [...new Set([...ranked.slice(0, SHORTLIST.all), ...ofLabel(truth), ...ofLabel(answer)])];
    });
    const wanted = [...new Set(shortlists.flat())];
    const embeddings = await embed([...mistakes.map(({ text }) => text), ...wanted.map((i) => train[i]?.text ?? '')]);
    const embedded = new Map(wanted.map((index, i) => [index, embeddings[mistakes.length + i] as Float32Array]));
    return shortlists.map((shortlist, i) => {
      const own = embeddings[i] as Float32Array;
      const rows = shortlist.map((index) => ({
        row: train[index] as Row,
        similarity: cosine(own, embedded.get(index) as Float32Array),
      }));
      return rows.sort((a, b) => b.similarity - a.similarity).slice(0, NEAREST);
    });
  };
}

/** Adds to each mistake the training rows that it is like. */
export async function addNearest(mistakes: readonly Mistake[], kind: LabelKind, nearest: Nearest): Promise<Mistake[]> {
  const found = await nearest(mistakes, kind);
  return mistakes.map((mistake, i) => ({
    ...mistake,
    nearest: (found[i] ?? []).map(({ row, similarity }) => ({ text: row.text, label: labelOf(row, kind), similarity })),
  }));
}

function labelOf(row: Row, kind: LabelKind): string {
  return row[kind] ?? row.category ?? (row.chatter ? CHATTER : 'unlabelled');
}

/** Indices of the values above 0, largest value first. */
function descending(values: Float32Array): number[] {
  const indices = Array.from(values.keys()).filter((i) => (values[i] ?? 0) > 0);
  return indices.sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return dot / Math.sqrt(aa * bb || 1);
}
