import { describe, expect, it } from 'vitest';
import { seededRandom } from '../training/random.ts';
import type { Judged } from './metrics.ts';
import { fitChatter, fitScope, fitThresholds, separation } from './thresholds.ts';

/** Answers of one category at confidences from `high` down to `low`, of which those below `wrongBelow` are wrong. */
const answers = (answer: string, count: number, wrongBelow: number, [high, low] = [0.999, 0.6]): Judged[] =>
  Array.from({ length: count }, (_, i) => {
    const probability = high - ((high - low) * i) / Math.max(1, count - 1);
    return { answer, truth: probability < wrongBelow ? 'elsewhere' : answer, probability };
  });
const confidenceOf = (judged: Judged[], category: string, precision: number) =>
  fitThresholds(judged, [category], precision)[0]?.confidence ?? null;

describe('fitThresholds', () => {
  it('takes the lowest confidence at which the promise holds, and a lower one for a lower promise', () => {
    const judged = answers('a', 400, 0.8); // the upper half is right
    const [strict, loose] = [confidenceOf(judged, 'a', 0.98), confidenceOf(judged, 'a', 0.95)];
    expect(strict).toBeLessThan(0.8);
    expect(strict).toBeGreaterThan(0.78);
    expect(loose).toBeLessThan(strict ?? 0);
    const kept = judged.filter(({ probability }) => probability >= (strict ?? 1));
    expect(kept.filter(({ truth, answer }) => truth === answer).length / kept.length).toBeGreaterThanOrEqual(0.98);
  });

  it('lets a category with many rows go by its own, and one with few by all', () => {
    const judged = [...answers('good', 400, 0), ...answers('bad', 400, 0.9), ...answers('small', 2, 0.9)];
    const of = (category: string) => confidenceOf(judged, category, 0.95) ?? 1;
    expect(of('good')).toBeLessThan(of('bad'));
    expect(of('bad')).toBeGreaterThan(0.87);
    expect(of('unseen')).toBe(confidenceOf(judged, 'unseen too', 0.95));
    expect(of('small')).toBeGreaterThan(of('good'));
    expect(of('small')).toBeLessThan(of('bad'));
  });

  it.each<[string, Judged[], number, number | null]>([
    ['promises nothing without rows', [], 0.95, null],
    // (16 + 100 * 16 / 17) / 116 is below 95 %, (17 + 100 * 17 / 18) / 117 is not
    ['promises nothing after 16 rows that are all right', answers('a', 16, 0), 0.95, null],
    ['promises 95 % after 17', answers('a', 17, 0), 0.95, 0.6],
    ['tells nothing that is more likely wrong than right', answers('a', 100, 0, [0.9, 0.3]), 0.95, expect.closeTo(0.5, 1)],
    ['promises nothing where the surest are wrong', answers('a', 30, 1), 0.95, null],
  ])('%s', (_, judged, precision, expected) => expect(confidenceOf(judged, 'a', precision)).toEqual(expected));

  it('keeps answers of one confidence together', () => {
    const right: Judged[] = Array.from({ length: 60 }, () => ({ answer: 'a', truth: 'a', probability: 0.9 }));
    const tied: Judged[] = ['a', 'b', 'b', 'b', 'b', 'b'].map((truth) => ({ answer: 'a', truth, probability: 0.7 }));
    expect(confidenceOf([...right, ...tied], 'a', 0.95)).toBe(0.9);
  });

  it('keeps its promise on rows that it did not see', () => {
    const random = seededRandom(3);
    const draw = (count: number): Judged[] =>
      Array.from({ length: count }, () => {
        const probability = 0.4 + 0.6 * random();
        return { answer: random() < 0.5 ? 'a' : 'b', truth: '', probability };
      }).map((item) => ({ ...item, truth: random() < item.probability ** 0.3 ? item.answer : 'c' }));
    const thresholds = new Map(fitThresholds(draw(500), ['a', 'b'], 0.95).map(({ category, confidence }) => [category, confidence]));
    const kept = draw(20_000).filter(({ answer, probability }) => probability >= (thresholds.get(answer) ?? 1));
    expect(kept.length).toBeGreaterThan(5_000);
    expect(kept.filter(({ truth, answer }) => truth === answer).length / kept.length).toBeGreaterThan(0.94);
  });
});

describe('separation', () => {
  const tickets = Array.from({ length: 200 }, (_, i) => i / 1000); // 0.199, 0.198, 0.197, ...

  it('counts the chatter above all but a hundredth of the tickets', () => {
    expect(separation(tickets, [0.9, 0.198, 0.1975, 0.197])).toBe(0.75);
  });

  it('lets no ticket by where they are fewer than a hundred', () => {
    expect(separation([0.1, 0.8], [0.9, 0.7])).toBe(0.5);
  });

  it('needs no ticket', () => expect(separation([], [0.9])).toBe(1));
});

describe('fitChatter', () => {
  const quiet = (count: number) => Array.from({ length: count }, () => 0.01);

  it.each<[string, number[], number[], number, number | undefined]>([
    ['lies midway between the ticket to be heard and the chatter above', [...quiet(98), 0.95, 0.2], [0.9, 0.4, 0.1], 0.01, 0.3],
    ['lets as many tickets fall silent as it may', [...quiet(197), 0.8, 0.5, 0.2], [0.9, 0.4], 0.01, 0.3],
    ['lies above where no chatter is', [...quiet(98), 0.9, 0.8], [0.5], 0.01, 0.9],
    ['promises nothing of too few tickets', quiet(99), [0.9], 0.01, undefined],
    ['promises nothing without chatter', quiet(200), [], 0.01, undefined],
    ['promises nothing without tickets', [], [0.9], 0.01, undefined],
  ])('%s', (_, tickets, chatter, share, expected) => {
    const threshold = fitChatter(tickets, chatter, share);
    if (expected === undefined) expect(threshold).toBeUndefined();
    else expect(threshold).toBeCloseTo(expected, 9);
  });

  it('silences no more tickets than it may, and no fewer than that costs chatter', () => {
    const random = seededRandom(5);
    const tickets = Array.from({ length: 300 }, () => random() ** 6);
    const chatter = Array.from({ length: 60 }, () => 1 - random() ** 3);
    const threshold = fitChatter(tickets, chatter, 0.01) ?? 0;
    expect(tickets.filter((probability) => probability >= threshold)).toHaveLength(3);
  });
});

describe('fitScope', () => {
  const scores = Array.from({ length: 99 }, (_, i) => 99 - i); // 1 to 99

  it.each<[number[], number, number | undefined]>([
    [scores, 0.95, 5],
    [scores, 0.9, 10],
    [scores.slice(0, 19), 0.95, 81],
    [scores.slice(0, 18), 0.95, undefined],
    [[], 0.95, undefined],
  ])('%#', (given, recall, expected) => {
    expect(fitScope(given, recall)).toBe(expected);
    if (expected !== undefined) expect(given.filter((score) => score >= expected).length / given.length).toBeGreaterThanOrEqual(recall);
  });
});
