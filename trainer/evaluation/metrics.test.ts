import { describe, expect, it } from 'vitest';
import { expectedCalibrationError, type Judged, pairedInterval, score } from './metrics.ts';

const judged = (truth: string, answer: string, probability = 0.9): Judged => ({ truth, answer, probability });

describe('score', () => {
  // a: 3 of 4 found, one b taken for it; b: 1 of 2; c never occurs and is answered once; d neither occurs nor is answered
  const items = [judged('a', 'a'), judged('a', 'a'), judged('a', 'a'), judged('a', 'c'), judged('b', 'b'), judged('b', 'a')];
  const scores = score(items, ['a', 'b', 'c', 'd']);

  it('counts as by hand', () => {
    expect(scores.rows).toBe(6);
    expect(scores.accuracy).toBeCloseTo(4 / 6);
    expect(scores.matrix).toEqual([
      [3, 0, 1, 0],
      [1, 1, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(scores.perClass).toEqual([
      { id: 'a', precision: 0.75, recall: 0.75, f1: 0.75, support: 4 },
      { id: 'b', precision: 1, recall: 0.5, f1: 2 / 3, support: 2 },
      { id: 'c', precision: 0, recall: 0, f1: 0, support: 0 },
      { id: 'd', precision: 0, recall: 0, f1: 0, support: 0 },
    ]);
  });

  it('averages F1 over the classes that occur', () => expect(scores.macroF1).toBeCloseTo((0.75 + 2 / 3) / 2));

  it('counts an answer beside the classes as wrong, in no column', () => {
    const beside = score([judged('a', 'other'), judged('a', 'a')], ['a', 'b']);
    expect(beside).toMatchObject({
      accuracy: 0.5,
      matrix: [
        [1, 0],
        [0, 0],
      ],
    });
    expect(beside.perClass[0]).toMatchObject({ precision: 1, recall: 0.5 });
  });

  it('takes a truth that cannot be answered for a class of its own', () => {
    const later = score([judged('new', 'a'), judged('a', 'a')], ['a']);
    expect(later).toMatchObject({
      accuracy: 0.5,
      classes: ['a', 'new'],
      matrix: [
        [1, 0],
        [1, 0],
      ],
    });
    expect(later.macroF1).toBeCloseTo(1 / 3);
  });

  it('has no score of nothing', () => expect(score([], ['a'])).toMatchObject({ rows: 0, accuracy: 0, macroF1: 0, ece: 0 }));
});

describe('expectedCalibrationError', () => {
  it.each<[string, Judged[], number]>([
    ['sure and right', [judged('a', 'a', 1), judged('b', 'b', 1)], 0],
    ['sure and wrong', [judged('a', 'b', 1)], 1],
    ['right as often as it says', [judged('a', 'a', 0.5), judged('a', 'b', 0.5)], 0],
    // a bin of two at .9 with one right (gap .4), a bin of two at .3 with none (gap .3)
    ['in bins', [judged('a', 'a', 0.9), judged('a', 'b', 0.9), judged('a', 'b', 0.3), judged('a', 'b', 0.3)], 0.35],
    // .61 and .66 fall into one of 15 bins: their gaps are not added before they are averaged
    ['in bins of a fifteenth', [judged('a', 'a', 0.61), judged('a', 'b', 0.66)], Math.abs(0.5 - 0.635)],
  ])('of answers that are %s', (_, items, expected) => expect(expectedCalibrationError(items)).toBeCloseTo(expected));
});

describe('pairedInterval', () => {
  it.each<[string, boolean[], boolean[], number]>([
    ['equal outcomes', [true, false], [true, false], 0],
    ['one lost of four', [true, true, false, true], [true, true, true, true], 1.96 * Math.sqrt((0.25 * 0.75) / 4)],
    ['one lost and one won of four', [true, false, true, true], [false, true, true, true], 1.96 * Math.sqrt(0.5 / 4)],
    ['nothing', [], [], 0],
  ])('of %s', (_, a, b, expected) => expect(pairedInterval(a, b)).toBeCloseTo(expected));
});
