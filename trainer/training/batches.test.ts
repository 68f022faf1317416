import { describe, expect, it } from 'vitest';
import { packBatch, planEpoch } from './batches.ts';
import type { Example } from './examples.ts';
import { seededRandom } from './random.ts';
import { DEFAULT_RECIPE } from './recipe.ts';

const example = (ids: number[], over: Partial<Example> = {}): Example => ({
  ids,
  intents: [0],
  category: [0, 1],
  priority: 0,
  weight: 1,
  ...over,
});
const ofLength = (length: number) => example(Array.from({ length }, (_, i) => i + 1));

describe('planEpoch', () => {
  const random = seededRandom(1);
  const examples = Array.from({ length: 517 }, () => ofLength(3 + Math.floor(40 * random())));
  const recipe = { ...DEFAULT_RECIPE, batchSize: 16, batchTokens: 256 };
  const lengths = (batch: number[]) => batch.map((i) => examples[i]?.ids.length ?? Number.NaN);

  it('takes every example once, in batches that keep both limits', () => {
    const batches = planEpoch(examples, recipe, seededRandom(2));
    expect(batches.flat().toSorted((a, b) => a - b)).toEqual([...examples.keys()]);
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(16);
      expect(batch.length * Math.max(...lengths(batch))).toBeLessThanOrEqual(256);
    }
  });

  it('puts like lengths together', () => {
    const padded = planEpoch(examples, recipe, seededRandom(2)).reduce((sum, b) => sum + b.length * Math.max(...lengths(b)), 0);
    expect(padded / examples.reduce((sum, { ids }) => sum + ids.length, 0)).toBeLessThan(1.05);
  });

  it('follows the seed, and mixes anew each time', () => {
    const [first, again, other] = [2, 2, 3].map((seed) => planEpoch(examples, recipe, seededRandom(seed)));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('gives an example that is longer than a batch may be one of its own', () => {
    expect(planEpoch([ofLength(300), ofLength(4)], recipe, seededRandom(1)).toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual([
      [0],
      [1],
    ]);
  });

  it('has no batches of nothing', () => expect(planEpoch([], recipe, seededRandom(1))).toEqual([]));
});

describe('packBatch', () => {
  it('pads to the longest and shares the weight out', () => {
    const rows = [
      example([5, 6, 7], { intents: [1, 3], priority: 2, weight: 3 }),
      example([8], { intents: undefined, priority: 1, teacher: Float32Array.of(0.5, 0, 0.25, 0.25) }),
      example([9, 4], { intents: [2], category: undefined, priority: undefined, teacher: Float32Array.of(0, 0.5, 0.5, 0) }),
    ];
    const batch = packBatch(
      rows,
      { intents: 4, priorities: 3 },
      { priorityWeight: 0.5, categoryWeight: 2, distillation: { share: 0.25, variants: 0 } },
    );
    expect(batch.size).toEqual({ batch: 3, sequence: 3 });
    expect([...batch.ids]).toEqual([5, 6, 7, 8, 0, 0, 9, 4, 0]);
    expect([...batch.mask]).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 0]);
    expect([...batch.intents]).toEqual([0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0]);
    expect([...batch.intentWeights]).toEqual([0.6, 0, 0.15].map(Math.fround));
    expect([...batch.teacher]).toEqual([0, 0, 0, 0, 0.5, 0, 0.25, 0.25, 0, 0.5, 0.5, 0]);
    expect([...batch.teacherWeights]).toEqual([0, 0.2, 0.05].map(Math.fround)); // no label: the teacher alone
    expect([...batch.categories]).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0]);
    expect([...batch.categoryWeights]).toEqual([1.2, 0.4, 0].map(Math.fround));
    expect([...batch.priorities]).toEqual([0, 0, 1, 0, 1, 0, 1, 0, 0]);
    expect([...batch.priorityWeights]).toEqual([0.3, 0.1, 0].map(Math.fround));
  });
});
