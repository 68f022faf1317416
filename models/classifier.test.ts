import { describe, expect, it } from 'vitest';
import type { Labels } from '../labels.ts';
import { checkText, MAX_TEXT } from './classification.ts';
import { interpret, softmax, summarise } from './classifier.ts';
import type { Manifest } from './manifest.ts';

const group = (id: string) => ({ id, name: id, description: '', emoji: id });
const labels: Labels = {
  categories: [group('billing'), group('order')],
  priorities: [group('low'), group('high')],
  intents: [
    { id: 'refund', category: 'billing', priority: 'low' },
    { id: 'fee', category: 'billing', priority: 'low' },
    { id: 'parcel', category: 'order', priority: 'low' },
    { id: 'chatter', category: null, priority: 'low' },
  ],
};
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

describe('softmax', () => {
  it.each<[number[], number, number[]]>([
    [[0, 0], 1, [0.5, 0.5]],
    [[5], 1, [1]],
    [[Math.log(3), 0], 1, [0.75, 0.25]],
    [[2 * Math.log(3), 0], 2, [0.75, 0.25]],
    [[1e4, 0], 1, [1, 0]],
    [[-1e4, -1e4], 0.1, [0.5, 0.5]],
  ])('of %j at temperature %d is %j', (logits, temperature, expected) => {
    const result = softmax(Float32Array.from(logits), temperature);
    result.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 6);
    });
    expect(result).toHaveLength(expected.length);
  });
});

describe('summarise', () => {
  it('sums intents to categories: two that are likely together outweigh the likeliest', () => {
    const scores = [0.3, 0.28, 0.4, 0.02].map((probability, i) => ({ id: labels.intents[i]?.id ?? '', probability }));
    const { category, categories, intent, intents, chatter } = summarise(scores, labels);
    expect(intent).toEqual({ id: 'parcel', probability: 0.4 });
    expect(category.id).toBe('billing');
    expect(category.probability).toBeCloseTo(0.58, 12);
    expect(categories.map(({ id }) => id)).toEqual(['billing', 'order']);
    expect(intents.map(({ id }) => id)).toEqual(['parcel', 'refund', 'fee']);
    expect(chatter).toBe(0.02);
    expect(chatter + sum(categories.map((c) => c.probability))).toBeCloseTo(1, 12);
  });

  it('takes an intent that no score names for impossible', () => {
    const { categories, chatter } = summarise([{ id: 'parcel', probability: 1 }], labels);
    expect([categories, chatter]).toEqual([
      [
        { id: 'order', probability: 1 },
        { id: 'billing', probability: 0 },
      ],
      0,
    ]);
  });
});

describe('interpret', () => {
  const manifest = (intent: number, priority: number) => ({ labels, temperature: { intent, priority } }) as Manifest;
  const output = { intents: Float32Array.of(0, 1, 3, 2), priorities: Float32Array.of(0, Math.log(9)) };

  it('gives each head its temperature and sorts its labels', () => {
    const { intent, intents, category, priority, priorities } = interpret(output, manifest(1, 2));
    expect(intents.map(({ id }) => id)).toEqual(['parcel', 'chatter', 'fee']);
    expect([intent.id, category.id, priority.id]).toEqual(['parcel', 'order', 'high']);
    expect(priorities.map(({ id }) => id)).toEqual(['high', 'low']);
    expect(priority.probability).toBeCloseTo(0.75, 6);
    expect(intent.probability).toBeCloseTo(Math.exp(3) / sum([0, 1, 3, 2].map(Math.exp)), 6);
  });

  it('is the less certain the higher the temperature, and of the same order', () => {
    const [cold, warm] = [interpret(output, manifest(0.5, 1)), interpret(output, manifest(4, 1))];
    expect(cold.intent.probability).toBeGreaterThan(warm.intent.probability);
    expect(cold.intents.map(({ id }) => id)).toEqual(warm.intents.map(({ id }) => id));
    expect(cold.priorities).toEqual(warm.priorities);
  });
});

describe('checkText', () => {
  it.each(['a', ' a ', 'x'.repeat(MAX_TEXT)])('takes a text', (text) => expect(checkText(text)).toBe(text));

  it.each([
    ['', 'is empty'],
    [' \n\t', 'is empty'],
    ['x'.repeat(MAX_TEXT + 1), `has ${MAX_TEXT + 1} characters; at most ${MAX_TEXT} are`],
  ])('refuses a text', (text, what) => {
    expect(() => checkText(text)).toThrow(expect.objectContaining({ code: 'bad_text', message: expect.stringContaining(what) }));
  });
});
