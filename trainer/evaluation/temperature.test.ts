import { describe, expect, it } from 'vitest';
import { seededRandom } from '../training/random.ts';
import { fitTemperature, type LabelledLogits, negativeLogLikelihood } from './temperature.ts';

const row = (logits: number[], allowed: number[]): LabelledLogits => ({ logits: Float32Array.from(logits), allowed });

describe('negativeLogLikelihood', () => {
  it.each<[string, LabelledLogits[], number, number]>([
    ['of two equal classes is log 2', [row([1, 1], [0])], 1, Math.log(2)],
    ['of a label that covers everything is 0', [row([3, -2, 0], [0, 1, 2])], 1, 0],
    ['sums the classes that a label covers', [row([0, 0, 0, 0], [1, 2])], 1, Math.log(2)],
    ['divides by the temperature', [row([Math.log(9) * 2, 0], [0])], 2, Math.log(10 / 9)],
    ['bears large logits', [row([1000, 0], [1])], 1, 1000],
    ['is the mean over rows', [row([1, 1], [0]), row([5, 5, 5, 5], [2])], 1, (Math.log(2) + Math.log(4)) / 2],
    ['of nothing is 0', [], 1, 0],
  ])('%s', (_, rows, temperature, expected) => expect(negativeLogLikelihood(rows, temperature)).toBeCloseTo(expected, 5));
});

describe('fitTemperature', () => {
  /** Rows whose labels are drawn from the softmax of their logits; a model that is too sure shows them multiplied. */
  const rows = (sureness: number): LabelledLogits[] => {
    const random = seededRandom(1);
    return Array.from({ length: 4000 }, () => {
      const margin = 6 * random() - 3;
      const label = random() < 1 / (1 + Math.exp(-margin)) ? 0 : 1;
      return row([margin * sureness, 0], [label]);
    });
  };

  it.each([0.5, 1, 2, 3])('finds what makes logits honest that are %f times as sure', (sureness) => {
    expect(fitTemperature(rows(sureness)) / sureness).toBeCloseTo(1, 1);
  });

  it('finds the least loss of all temperatures', () => {
    const [given, fitted] = [rows(2), fitTemperature(rows(2))];
    for (const factor of [0.9, 0.98, 1.02, 1.1])
      expect(negativeLogLikelihood(given, fitted)).toBeLessThanOrEqual(negativeLogLikelihood(given, fitted * factor));
  });

  it('is 1 for no rows, and stays in its range where all are right or all wrong', () => {
    expect(fitTemperature([])).toBe(1);
    expect(fitTemperature([row([9, 0], [0])])).toBeCloseTo(0.3, 2);
    expect(fitTemperature([row([9, 0], [1])])).toBeCloseTo(5, 2);
  });
});
