import { describe, expect, it } from 'vitest';
import { type Decisions, decide } from './decisions.ts';

const answer = (category: string, confidence: number, intent = 'refund', chatter = 0.02) => ({
  category: { id: category, probability: confidence },
  intent: { id: intent, probability: 0.5 },
  chatter,
});
const decisions: Decisions = {
  promises: [
    {
      precision: 0.95,
      thresholds: [
        { category: 'billing', confidence: 0.6 },
        { category: 'order', confidence: 0.8 },
        { category: 'general', confidence: null },
      ],
    },
    { precision: 0.98, thresholds: [{ category: 'billing', confidence: 0.9 }] },
  ],
  chatter: 0.3,
  scope: { score: 'logit', threshold: 4 },
};
const near = Float32Array.of(5, 0);

describe('decide', () => {
  it.each<[string, ReturnType<typeof answer>, boolean, boolean[]]>([
    ['at the threshold of its category', answer('billing', 0.6), true, [true, false]],
    ['below it', answer('billing', 0.59), false, [false, false]],
    ['above that of the higher promise', answer('billing', 0.95), true, [true, true]],
    ['below that of another category', answer('order', 0.7), false, [false, false]],
    ['in a category that never keeps the promise', answer('general', 1), false, [false, false]],
    ['in a category that has no threshold', answer('new', 1), false, [false, false]],
  ])('is sure by the promise: %s', (_, given, sure, kept) => {
    const decided = decide(given, near, decisions);
    expect([decided.sure, decided.promises]).toEqual([sure, [0.95, 0.98].map((precision, i) => ({ precision, kept: kept[i] }))]);
  });

  it.each([
    [Float32Array.of(4, -9), true],
    [Float32Array.of(3.99, 3.99), false],
  ])('is sure of nothing that is out of scope: %j', (logits, inScope) => {
    const decided = decide(answer('billing', 0.99), logits, decisions);
    expect(decided).toMatchObject({ inScope, sure: inScope, promises: [{ kept: true }, { kept: true }] });
  });

  it.each<[string, Decisions | undefined, string, number, boolean]>([
    ['from the threshold on, though another intent is likelier', decisions, 'refund', 0.3, true],
    ['not below it, though chatter is the likeliest', decisions, 'chatter', 0.29, false],
    ['where chatter is the likeliest, of a model without decisions', undefined, 'chatter', 0.29, true],
    ['not where it is not, of a model without decisions', undefined, 'refund', 0.49, false],
    ['where chatter is the likeliest, of a model that saw too few tickets', { promises: [] }, 'chatter', 0.29, true],
  ])('is silent %s', (_, given, intent, chatter, silent) => {
    expect(decide(answer('billing', 0.7, intent, chatter), near, given).silent).toBe(silent);
  });

  it('tells everything where nothing was fitted', () => {
    expect(decide(answer('billing', 0.1), Float32Array.of(-99, -99), undefined)).toEqual({
      promises: [],
      inScope: true,
      sure: true,
      silent: false,
    });
  });
});
