import { describe, expect, it } from 'vitest';
import { decide, type Outcome } from './gate.ts';

/** So many rows, of which the first so many are right. */
const right = (count: number, of: number) => Array.from({ length: of }, (_, i) => i < count);
const outcome = (category: boolean[], priority = right(90, 100)): Outcome => ({ category, priority });

describe('decide', () => {
  it.each<[string, Outcome | undefined, Outcome, boolean, string]>([
    ['promotes the first model', undefined, outcome(right(70, 100)), true, 'First model: category 70.0 %, priority 90.0 %.'],
    ['promotes nothing unmeasured', outcome([]), outcome([]), false, 'no model goes live unmeasured'],
    ['promotes nothing unmeasured, be it the first', undefined, outcome([]), false, 'no model goes live unmeasured'],
    ['promotes a better one', outcome(right(80, 100)), outcome(right(90, 100)), true, 'category 80.0 % → 90.0 %'],
    ['promotes an equal one', outcome(right(80, 100)), outcome(right(80, 100)), true, 'category 80.0 % → 80.0 % (±0.0)'],
    // 2 of 100 rows lost, none won: 2.0 points are less than 1.96 sqrt(.02 * .98 / 100) = 2.7
    ['promotes one that is lower by less than chance', outcome(right(80, 100)), outcome(right(78, 100)), true, '(±2.7)'],
    // 5 lost: 5.0 points are more than 1.96 sqrt(.05 * .95 / 100) = 4.3
    [
      'keeps the live one before a worse one',
      outcome(right(80, 100)),
      outcome(right(75, 100)),
      false,
      'Worse on 100 held-out rows: category 80.0 % → 75.0 % (±4.3)',
    ],
    [
      'keeps it for a worse priority alone',
      outcome(right(80, 100)),
      outcome(right(90, 100), right(70, 100)),
      false,
      'priority 90.0 % → 70.0 %',
    ],
    [
      'judges by category where no row has a priority',
      outcome(right(80, 100), []),
      outcome(right(85, 100), []),
      true,
      'priority 0.0 % → 0.0 %',
    ],
  ])('%s', (_, live, candidate, promote, reason) => {
    const decision = decide(live, candidate);
    expect(decision.promote).toBe(promote);
    expect(decision.reason).toContain(reason);
  });

  it('pairs rows: many that change sides are no difference, the same balance without change is one', () => {
    const before = right(50, 100);
    const swapped = before.map((value, i) => (i < 44 ? false : i >= 60 ? true : value)); // 44 lost, 40 won
    expect(decide(outcome(before), outcome(swapped)).promote).toBe(true);
    expect(decide(outcome(before), outcome(right(44, 100))).promote).toBe(false);
  });
});
