import { expect, test } from 'vitest';
import { trainLinearSvm } from './linear-svm.ts';
import type { SparseRows } from './tf-idf.ts';

/** Rows with every column filled. */
function dense(rows: number[][]): SparseRows {
  const width = rows[0]?.length ?? 0;
  return {
    starts: Int32Array.from({ length: rows.length + 1 }, (_, i) => i * width),
    indices: Int32Array.from(rows.flatMap((row) => row.map((_, column) => column))),
    values: Float32Array.from(rows.flat()),
  };
}

const CORNERS = dense([
  [1, 0],
  [0.9, 0.1],
  [0, 1],
  [0.1, 0.9],
  [-1, -1],
  [-0.9, -1],
]);

test('finds planes that part the classes', () => {
  const model = trainLinearSvm(CORNERS, [0, 0, 1, 1, 2, 2], 3, 2, { tolerance: 1e-4 });
  expect(model.score(CORNERS).map((scores) => scores.indexOf(Math.max(...scores)))).toEqual([0, 0, 1, 1, 2, 2]);
});

test('its solution is the minimum of the primal objective', () => {
  // One column, two rows: minimise w²/2 + b²/2 + C Σ max(0, 1 - y (wx + b))². By symmetry b = 0 and w = 4C / (1 + 4C).
  const model = trainLinearSvm(dense([[1], [-1]]), [0, 1], 2, 1, { cost: 2, tolerance: 1e-9 });
  expect(model.score(dense([[1], [0]])).map(([score]) => score)).toEqual([expect.closeTo(8 / 9, 5), expect.closeTo(0, 5)]);
});

test('a row of class -1 is left out, and a weight counts as so many copies', () => {
  const rows = dense([[1], [-1], [-0.2]]);
  const without = trainLinearSvm(rows, [0, 1, -1], 2, 1, { tolerance: 1e-9 });
  const pair = trainLinearSvm(dense([[1], [-1]]), [0, 1], 2, 1, { tolerance: 1e-9 });
  expect(without.score(rows)[0]?.[0]).toBeCloseTo(pair.score(rows)[0]?.[0] ?? Number.NaN, 6);
  const weighted = trainLinearSvm(rows, [0, 1, 0], 2, 1, { tolerance: 1e-9, weights: [1, 1, 3] });
  const copied = trainLinearSvm(dense([[1], [-1], [-0.2], [-0.2], [-0.2]]), [0, 1, 0, 0, 0], 2, 1, { tolerance: 1e-9 });
  expect(weighted.score(rows)[2]?.[0]).toBeCloseTo(copied.score(rows)[2]?.[0] ?? Number.NaN, 4);
});
