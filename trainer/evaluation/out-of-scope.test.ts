import { describe, expect, it } from 'vitest';
import { drawClasses, separation } from './out-of-scope.ts';

describe('drawClasses', () => {
  const classes = ['a', 'b', 'c'].flatMap((group, g) =>
    Array.from({ length: [40, 20, 17][g] ?? 0 }, (_, i) => ({ id: `${group}${i}`, group })),
  );
  const groupsOf = (seed: number) =>
    ['a', 'b', 'c'].map((group) => drawClasses(classes, 15, seed).filter((one) => one.group === group).length);

  it('takes of every group its part, each class once', () => {
    for (const seed of [1, 2, 3]) {
      expect(groupsOf(seed)).toEqual([8, 4, 3]);
      expect(new Set(drawClasses(classes, 15, seed).map(({ id }) => id)).size).toBe(15);
    }
  });

  it('draws the same whatever the order, and others with another seed', () => {
    expect(drawClasses(classes.toReversed(), 15, 1)).toEqual(drawClasses(classes, 15, 1));
    expect(drawClasses(classes, 15, 2)).not.toEqual(drawClasses(classes, 15, 1));
    expect(drawClasses(classes, 99, 1)).toHaveLength(77);
  });
});

describe('separation', () => {
  const twenty = Array.from({ length: 20 }, (_, i) => i + 1);

  it.each<[string, number[], number[], number, number]>([
    ['apart', [3, 4], [1, 2], 1, 1],
    ['the wrong way round', [1, 2], [3, 4], 0, 0],
    ['one pair of four the wrong way round', [2, 4], [1, 3], 0.75, 0.5],
    ['equal', [1, 1], [1, 1], 0.5, 0],
    ['half equal', [1, 2], [1, 1], 0.75, 0],
    ['with the one in twenty that may be lost', twenty, [0, 1, 1.5, 2], (20 + 19.5 + 19 + 18.5) / 80, 0.75],
    ['nothing', [], [], 0, 0],
  ])('%s', (_, inScope, outOfScope, auroc, recall) => {
    const measured = separation(inScope, outOfScope, 0.95);
    expect(measured.auroc).toBeCloseTo(auroc, 9);
    expect(measured.recall).toBeCloseTo(recall, 9);
  });
});
