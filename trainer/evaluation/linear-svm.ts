import { seededRandom, shuffle } from '../training/random.ts';
import type { SparseRows } from './tf-idf.ts';

/** A linear classifier: gives rows a score for each class, `[rows][classes]`. */
export type LinearModel = { score(rows: SparseRows): Float32Array[] };

export type SvmOptions = {
  /** cost of a violation. Default 1 */
  cost?: number;
  /** multiple of the cost for each row. Default 1 */
  weights?: ArrayLike<number>;
  /** spread of the projected gradient at which a class is solved. Default 0.05 */
  tolerance?: number;
};

/** Passes over the rows after which a class is taken as it is. */
const MAX_PASSES = 200;

/**
 * Trains one linear support vector machine for each class against the rest, with squared hinge loss, by coordinate
 * descent in the dual with shrinking (Hsieh et al., 2008, algorithm 3: what `LinearSVC` does). The bias is one more
 * column with value 1.
 * @param targets class of each row, 0 to `classes` - 1; a row with -1 is left out
 * @param width columns of the rows
 */
export function trainLinearSvm(
  rows: SparseRows,
  targets: ArrayLike<number>,
  classes: number,
  width: number,
  { cost = 1, weights, tolerance = 0.05 }: SvmOptions = {},
): LinearModel {
  const count = rows.starts.length - 1;
  const used = Array.from({ length: count }, (_, i) => i).filter((i) => (targets[i] ?? -1) >= 0);
  const damping = Float64Array.from({ length: count }, (_, i) => 1 / (2 * cost * (weights?.[i] ?? 1)));
  const diagonal = Float64Array.from(damping, (d, i) => squaredLength(rows, i) + 1 + d);
  const planes = Array.from({ length: classes }, (_, c) => {
    const signs = Int8Array.from({ length: count }, (_, i) => (targets[i] === c ? 1 : -1));
    return solve(rows, used, signs, damping, diagonal, width, tolerance);
  });
  return { score: (some) => scoreRows(planes, some, width) };
}

/** One class against the rest: the weights of the columns, then the bias. */
function solve(
  { starts, indices, values }: SparseRows,
  used: readonly number[],
  signs: Int8Array,
  damping: Float64Array,
  diagonal: Float64Array,
  width: number,
  tolerance: number,
): Float32Array {
  const plane = new Float32Array(width + 1);
  const alpha = new Float64Array(signs.length);
  const random = seededRandom(1);
  let active = [...used];
  let shrinkAbove = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    let [largest, smallest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const kept: number[] = [];
    for (const i of shuffle(active, random)) {
      const [from, to, sign] = [starts[i] as number, starts[i + 1] as number, signs[i] as number];
      let dot = plane[width] as number;
      for (let k = from; k < to; k++) dot += (plane[indices[k] as number] as number) * (values[k] as number);
      const before = alpha[i] as number;
      const gradient = sign * dot - 1 + (damping[i] as number) * before;
      if (before === 0 && gradient > shrinkAbove) continue; // far on its right side: it will stay no support vector
      kept.push(i);
      const projected = before === 0 ? Math.min(gradient, 0) : gradient;
      largest = Math.max(largest, projected);
      smallest = Math.min(smallest, projected);
      if (Math.abs(projected) < 1e-12) continue;
      const after = Math.max(before - gradient / (diagonal[i] as number), 0);
      const change = (after - before) * sign;
      alpha[i] = after;
      plane[width] = (plane[width] as number) + change;
      for (let k = from; k < to; k++) {
        const column = indices[k] as number;
        plane[column] = (plane[column] as number) + change * (values[k] as number);
      }
    }
    const solved = largest - smallest <= tolerance;
    if (solved && kept.length === used.length) break;
    // Solved on the rows that are left: all of them have a last look.
    active = solved ? [...used] : kept;
    shrinkAbove = solved || largest <= 0 ? Number.POSITIVE_INFINITY : largest;
  }
  return plane;
}

function scoreRows(planes: Float32Array[], { starts, indices, values }: SparseRows, width: number): Float32Array[] {
  return Array.from({ length: starts.length - 1 }, (_, i) =>
    Float32Array.from(planes, (plane) => {
      let sum = plane[width] as number;
      for (let k = starts[i] as number; k < (starts[i + 1] as number); k++)
        sum += (plane[indices[k] as number] as number) * (values[k] as number);
      return sum;
    }),
  );
}

function squaredLength({ starts, values }: SparseRows, i: number): number {
  let sum = 0;
  for (let k = starts[i] as number; k < (starts[i + 1] as number); k++) sum += (values[k] as number) ** 2;
  return sum;
}
