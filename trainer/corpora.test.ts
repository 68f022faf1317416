import { expect, test } from 'vitest';
import type { DataSet, Row } from '../data/row.ts';
import { blend } from './blend.ts';
import { counted, heldOutParts } from './corpora.ts';
import { DEFAULT_RECIPE } from './training/recipe.ts';

const set = (name: string, rows: Row[]): DataSet => ({ name, rows, sha256: '0'.repeat(64) });
const rows = Array.from({ length: 200 }, (_, i): Row => ({ text: `message ${i}`, category: 'billing', source: 'seed' }));

test('of each corpus the rows that no model learns are a part of their own; one without such rows is none', () => {
  const { train, heldOut } = blend([set('seed/train', rows)], []);
  const aside = rows.slice(0, 3).map((row): Row => ({ ...row, text: `aside: ${row.text}`, heldOut: true }));
  const parts = heldOutParts([set('seed/train', rows), set('seed/calibration', aside), set('import/a', train.slice(0, 1))]);
  expect(parts.map(({ name, rows }) => [name, rows])).toEqual([
    ['seed/train, held out', heldOut],
    ['seed/calibration, held out', aside],
  ]);
  expect(heldOut.length).toBeGreaterThan(0);
});

test('a corpus whose source counts for nothing is left out, and so is an empty one', () => {
  const banking77 = set('banking77/train', [{ text: 'a', category: 'billing', source: 'banking77' }]);
  const corpora = [banking77, set('seed/train', rows), set('seed/calibration', [])];
  expect(counted(corpora, DEFAULT_RECIPE.sourceWeights)).toEqual(corpora.slice(0, 2));
  expect(counted(corpora, { ...DEFAULT_RECIPE.sourceWeights, seed: 0 })).toEqual([banking77]);
});
