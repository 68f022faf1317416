import { describe, expect, it } from 'vitest';
import { nearestMean, SCOPE_SCORES, type ScopeScore, scopeOf, scopeScoreSchema } from './scope.ts';

describe('scopeOf', () => {
  it.each<[ScopeScore, number[], number]>([
    ['probability', [0, 0, 0, 0], 0.25],
    ['probability', [Math.log(3), 0], 0.75],
    ['probability', [1000, 0], 1],
    ['energy', [0, 0, 0, 0], Math.log(4)],
    ['energy', [Math.log(3), 0], Math.log(4)],
    ['energy', [1000, 1000], 1000 + Math.log(2)],
    ['energy', [-1000, -1000], -1000 + Math.log(2)],
    ['logit', [-3, -1, -2], -1],
  ])('%s of %j is %d', (score, logits, expected) => expect(scopeOf(score, Float32Array.from(logits))).toBeCloseTo(expected, 4));

  it('energy falls where all logits fall, which a probability does not see', () => {
    const [near, far] = [Float32Array.of(9, 5), Float32Array.of(4, 0)];
    expect(scopeOf('energy', near)).toBeGreaterThan(scopeOf('energy', far));
    expect(scopeOf('probability', near)).toBeCloseTo(scopeOf('probability', far), 6);
  });

  it('names every score in the schema', () => expect(scopeScoreSchema.options).toEqual(Object.keys(SCOPE_SCORES)));
});

it.each<[number[], number[][], number]>([
  [
    [2, 0],
    [
      [1, 0],
      [0, 1],
    ],
    1,
  ],
  [
    [1, 1],
    [
      [3, 0],
      [0, -1],
    ],
    Math.SQRT1_2,
  ],
  [[-1, 0], [[1, 0]], -1],
  [[0, 0], [[1, 0]], 0],
])('the mean nearest to %j of %j is at %d', (embedding, means, expected) => {
  expect(
    nearestMean(
      Float32Array.from(embedding),
      means.map((mean) => Float32Array.from(mean)),
    ),
  ).toBeCloseTo(expected, 6);
});
