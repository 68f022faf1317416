import type { Judged, Scores } from '../evaluation/metrics.ts';

/** A share of rows with its 95 % confidence interval. */
export type Share = { rows: number; share: number; low: number; high: number };

/** The share of `hits` among `rows` with Wilson's interval, which stays within 0 and 1. */
export function shareOf(hits: number, rows: number): Share {
  if (rows === 0) return { rows, share: 0, low: 0, high: 1 };
  const z = 1.96;
  const p = hits / rows;
  const centre = (p + z ** 2 / (2 * rows)) / (1 + z ** 2 / rows);
  const half = (z / (1 + z ** 2 / rows)) * Math.sqrt((p * (1 - p)) / rows + z ** 2 / (4 * rows ** 2));
  return { rows, share: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Answers of like confidence: their mean confidence, and how many of them were right. */
export type ReliabilityBin = Share & { confidence: number };

/** Accuracy against confidence, over bins of equal width; empty bins are left out. */
export function reliability(judged: readonly Judged[], bins = 15): ReliabilityBin[] {
  return Array.from({ length: bins }, (_, bin) => {
    const items = judged.filter(({ probability }) => Math.min(bins - 1, Math.floor(probability * bins)) === bin);
    const confidence = items.reduce((sum, { probability }) => sum + probability, 0) / items.length;
    return { ...shareOf(items.filter(isRight).length, items.length), confidence };
  }).filter(({ rows }) => rows > 0);
}

/** When only answers of at least `threshold` count: the share of the rows that have one, and the share of these that are right. */
export type CoveragePoint = { threshold: number; coverage: number; precision: number };

/** Every point of coverage against precision, from the most confident answer on. Answers of the same confidence come together. */
export function coverageCurve(judged: readonly Judged[]): CoveragePoint[] {
  const sorted = judged.toSorted((a, b) => b.probability - a.probability);
  let right = 0;
  return sorted.flatMap((item, i) => {
    if (isRight(item)) right += 1;
    return item.probability === sorted[i + 1]?.probability
      ? []
      : [{ threshold: item.probability, coverage: (i + 1) / sorted.length, precision: right / (i + 1) }];
  });
}

/** Answers in bins of confidence, right and wrong apart. `from` is the lower end of a bin. */
export function confidenceHistogram(judged: readonly Judged[], bins = 20): { from: number; to: number; right: number; wrong: number }[] {
  const counts = Array.from({ length: bins }, (_, i) => ({ from: i / bins, to: (i + 1) / bins, right: 0, wrong: 0 }));
  for (const item of judged) {
    const bin = counts[Math.min(bins - 1, Math.floor(item.probability * bins))];
    if (bin !== undefined) bin[isRight(item) ? 'right' : 'wrong'] += 1;
  }
  return counts;
}

/** Two classes that are taken for each other: how often the first for the second, and the second for the first. */
export type ConfusedPair = { a: string; b: string; aAsB: number; bAsA: number; rows: number };

/** The pairs with the most mistakes between them; `rows` are those of both classes. */
export function confusedPairs({ classes, matrix, perClass }: Scores, most: number): ConfusedPair[] {
  const pairs = classes.flatMap((a, i) =>
    classes.slice(i + 1).map((b, k): ConfusedPair => {
      const j = i + 1 + k;
      const [aAsB, bAsA] = [matrix[i]?.[j] ?? 0, matrix[j]?.[i] ?? 0];
      const rows = (perClass[i]?.support ?? 0) + (perClass[j]?.support ?? 0);
      return aAsB >= bAsA ? { a, b, aAsB, bAsA, rows } : { a: b, b: a, aAsB: bAsA, bAsA: aAsB, rows };
    }),
  );
  return pairs
    .filter(({ aAsB, bAsA }) => aAsB + bAsA > 0)
    .sort((x, y) => y.aAsB + y.bAsA - x.aAsB - x.bAsA)
    .slice(0, most);
}

/** Upper ends of the slices of message length, in words. */
const LENGTHS = [5, 10, 15, 20, 30, Number.POSITIVE_INFINITY];

/** How many were right among messages of like length. */
export type LengthSlice = Share & { words: string };

/** Accuracy by message length. Slices without rows are left out. */
export function byLength(items: readonly { text: string; right: boolean }[]): LengthSlice[] {
  return LENGTHS.map((to, i) => {
    const from = (LENGTHS[i - 1] ?? 0) + 1;
    const inside = items.filter(({ text }) => {
      const words = text.trim().split(/\s+/).length;
      return words >= from && words <= to;
    });
    const words = to === Number.POSITIVE_INFINITY ? `over ${from - 1}` : `${from}–${to}`;
    return { words, ...shareOf(inside.filter(({ right }) => right).length, inside.length) };
  }).filter(({ rows }) => rows > 0);
}

function isRight({ truth, answer }: Judged): boolean {
  return truth === answer;
}
