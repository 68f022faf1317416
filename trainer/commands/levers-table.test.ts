import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_RECIPE } from '../training/recipe.ts';
import { type LeverFold, leversTable, readLevers } from './levers-table.ts';
import { RESULTS } from './results.ts';

function fold(lever: string, index: number, wrong: number[], more: Partial<LeverFold> = {}): LeverFold {
  const accuracy = 1 - wrong.length / 10;
  const figures = { banking77: { rows: 10, intent: { accuracy }, category: { accuracy: 0.9 }, priority: { accuracy: 0.8 } } };
  return { lever, fold: index, figures, seconds: 60, commit: 'abc', recipe: DEFAULT_RECIPE, wrong, ...more };
}

test('the table that is shipped is the one that the command makes of the folds', async () => {
  expect(leversTable(await readLevers(RESULTS))).toBe(await readFile(path.join(RESULTS, 'levers.md'), 'utf8'));
});

test('a lever is a line with what it changes and the paired difference on the folds that both have', () => {
  const smooth = { against: 'plain', recipe: { ...DEFAULT_RECIPE, labelSmoothing: 0.25 } };
  const table = leversTable([fold('plain', 0, [1, 2]), fold('plain', 1, [1, 2, 3, 4]), fold('smooth', 0, [1], smooth)]);
  // Of ten rows one differs: 10 points, and 1.96 sqrt(.09 / 10) about them.
  expect(table).toContain('| smooth | plain | labelSmoothing 0.25 | 0 | 90.00 | +10.00 ± 18.59 | 90.00 |');
  expect(table).toContain('| plain |  |  | 0, 1 | 70.00 |  | 90.00 |');
});

test('a line that is no fold is named', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-levers-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  await writeFile(path.join(dir, 'levers.jsonl'), `${JSON.stringify(fold('plain', 0, []))}\n{"lever": "half"}\n`);
  await expect(readLevers(dir)).rejects.toMatchObject({ code: 'bad_data', message: expect.stringContaining('levers.jsonl, line 2') });
  await writeFile(path.join(dir, 'levers.jsonl'), '{"lever": "ha');
  await expect(readLevers(dir)).rejects.toMatchObject({ code: 'bad_data', message: expect.stringContaining('levers.jsonl, line 1') });
  expect(await readLevers(path.join(dir, 'none'))).toEqual([]);
});
