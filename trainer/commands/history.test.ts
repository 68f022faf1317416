import { expect, test } from 'vitest';
import { toHistory } from './history.ts';

const steps = Array.from({ length: 7 }, (_, i) => ({ step: i + 1, loss: i, learningRate: 1e-4 }));

test('a point is the mean of the steps since the point before', () => {
  expect(toHistory(steps, 3)).toEqual({ step: [3, 6, 7], loss: [1, 4, 6], learningRate: [1e-4, 1e-4, 1e-4] });
});

test('few steps stay as they are', () => {
  expect(toHistory(steps).loss).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(toHistory([])).toEqual({ step: [], loss: [], learningRate: [] });
});
