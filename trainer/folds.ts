import type { Row } from '../data/row.ts';
import { seededRandom, shuffle } from './random.ts';

/** Share of words in common (Jaccard) from which two messages are near-twins. */
const TWIN = 0.75;

/**
 * Divides rows into folds, stratified by intent, with near-twins on one side: a model that saw "where is my card?" must
 * not be asked "where is my card".
 * @returns the fold of each row, 0 to `count` - 1
 */
export function assignFolds(rows: readonly Row[], count: number, seed: number): number[] {
  const random = seededRandom(seed);
  const groups = shuffle(groupTwins(rows.map((row) => wordsOf(row.text))), random);
  const filled = new Map<string, number[]>();
  const folds: number[] = new Array(rows.length).fill(0);
  for (const group of groups.toSorted((a, b) => b.length - a.length)) {
    const label = rows[group[0] ?? 0]?.intent ?? '';
    const sizes = filled.get(label) ?? new Array<number>(count).fill(0);
    const emptiest = sizes.indexOf(Math.min(...sizes));
    for (const row of group) folds[row] = emptiest;
    sizes[emptiest] = (sizes[emptiest] ?? 0) + group.length;
    filled.set(label, sizes);
  }
  return folds;
}

/** Groups of indices whose texts are near-twins, directly or through others. */
export function groupTwins(texts: readonly ReadonlySet<string>[]): number[][] {
  const parent = texts.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] ?? at;
    return at;
  };
  const holders = new Map<string, number[]>();
  texts.forEach((words, i) => {
    const shared = new Map<number, number>();
    for (const word of words) {
      for (const other of holders.get(word) ?? []) shared.set(other, (shared.get(other) ?? 0) + 1);
      const seen = holders.get(word);
      if (seen === undefined) holders.set(word, [i]);
      else seen.push(i);
    }
    for (const [other, common] of shared) {
      if (common / (words.size + (texts[other]?.size ?? 0) - common) >= TWIN) parent[root(i)] = root(other);
    }
  });
  const groups = new Map<number, number[]>();
  for (const i of texts.keys()) groups.set(root(i), [...(groups.get(root(i)) ?? []), i]);
  return [...groups.values()];
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}
