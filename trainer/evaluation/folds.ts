import type { Row } from '../../data/row.ts';
import { groupTwins } from '../../data/twins.ts';
import { seededRandom, shuffle } from '../training/random.ts';

/**
 * Divides rows into folds, stratified by intent, with near-twins on one side: a model that saw "where is my card?" must
 * not be asked "where is my card".
 * @returns the fold of each row, 0 to `count` - 1
 */
export function assignFolds(rows: readonly Row[], count: number, seed: number): number[] {
  const random = seededRandom(seed);
  const groups = shuffle(groupTwins(rows.map((row) => row.text)), random);
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
