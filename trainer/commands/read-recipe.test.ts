import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_RECIPE, QUICK_RECIPE, STUDENT_RECIPE } from '../training/recipe.ts';
import { readRecipe } from './read-recipe.ts';

async function fileOf(text: string): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-recipe-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const file = path.join(dir, 'recipe.json');
  await writeFile(file, text);
  return file;
}

test.each([
  ['nothing', undefined, undefined, DEFAULT_RECIPE],
  ['a name', 'quick', undefined, QUICK_RECIPE],
  ['the shipped model', 'student', '1', STUDENT_RECIPE],
  ['a name and a seed', 'quick', '7', { ...QUICK_RECIPE, seed: 7 }],
])('%s is a recipe', async (_, recipe, seed, expected) => {
  expect(await readRecipe(recipe, seed)).toEqual(expected);
});

test('a file changes the default', async () => {
  expect(await readRecipe(await fileOf('{"epochs": 2}'), '3')).toEqual({ ...DEFAULT_RECIPE, epochs: 2, seed: 3 });
});

test.each([
  [
    'a name that is none',
    async () => 'slow',
    /slow cannot be read as JSON.*one of the names default, banking77, quick, teacher, student\./,
  ],
  ['a file that is no JSON', () => fileOf('{'), /cannot be read as JSON/],
  ['a key that is none', () => fileOf('{"epoch": 2}'), /epoch.*Known keys: epochs/s],
])('%s is refused', async (_, file, message) => {
  await expect(readRecipe(await file(), undefined)).rejects.toMatchObject({ code: 'bad_usage', message: expect.stringMatching(message) });
});
