import { expect, test } from 'vitest';
import { type Judged, score } from '../evaluation/metrics.ts';
import { byLength, confidenceHistogram, confusedPairs, coverageCurve, reliability, shareOf } from './curves.ts';

const judged = (probability: number, right: boolean): Judged => ({ truth: 'a', answer: right ? 'a' : 'b', probability });

test.each([
  // R: binom::binom.wilson(x, n)
  [8, 10, 0.4902, 0.9433],
  [0, 10, 0, 0.2775],
  [10, 10, 0.7225, 1],
  [0, 0, 0, 1],
])("%d of %d with Wilson's interval", (hits, rows, low, high) => {
  const share = shareOf(hits, rows);
  expect(share.low).toBeCloseTo(low, 3);
  expect(share.high).toBeCloseTo(high, 3);
});

test('coverage grows as the threshold falls, and equal confidences come together', () => {
  const curve = coverageCurve([judged(0.9, true), judged(0.5, false), judged(0.8, true), judged(0.5, true)]);
  expect(curve).toEqual([
    { threshold: 0.9, coverage: 0.25, precision: 1 },
    { threshold: 0.8, coverage: 0.5, precision: 1 },
    { threshold: 0.5, coverage: 1, precision: 0.75 },
  ]);
});

test('bins of confidence hold their rows, 1 in the last', () => {
  const rows = [judged(0.05, false), judged(0.95, true), judged(1, true), judged(0.91, false)];
  expect(reliability(rows, 10).map(({ rows: count, confidence }) => [count, confidence])).toEqual([
    [1, 0.05],
    [3, expect.closeTo(2.86 / 3)],
  ]);
  const bins = confidenceHistogram(rows, 10);
  expect(bins[0]).toEqual({ from: 0, to: 0.1, right: 0, wrong: 1 });
  expect(bins[9]).toEqual({ from: 0.9, to: 1, right: 2, wrong: 1 });
});

test('pairs are counted both ways, and the way with more mistakes is named first', () => {
  const mistake = (truth: string, answer: string) => ({ truth, answer, probability: 1 });
  const scores = score([mistake('a', 'b'), mistake('b', 'a'), mistake('b', 'a'), mistake('c', 'c'), mistake('c', 'a')], ['a', 'b', 'c']);
  expect(confusedPairs(scores, 5)).toEqual([
    { a: 'b', b: 'a', aAsB: 2, bAsA: 1, rows: 3 },
    { a: 'c', b: 'a', aAsB: 1, bAsA: 0, rows: 3 },
  ]);
  expect(confusedPairs(scores, 1)).toHaveLength(1);
});

test('slices of length count words', () => {
  const words = (count: number) => Array.from({ length: count }, () => 'word').join(' ');
  const slices = byLength([
    { text: ` ${words(5)}\n`, right: true },
    { text: words(6), right: false },
    { text: words(6), right: true },
    { text: words(31), right: true },
  ]);
  expect(slices.map(({ words: name, rows, share }) => [name, rows, share])).toEqual([
    ['1–5', 1, 1],
    ['6–10', 2, 0.5],
    ['over 30', 1, 1],
  ]);
});
