import { readFile } from 'node:fs/promises';
import { messageOf, TicketwiseError } from '../../errors.ts';
import { parseRecipe, RECIPES, type Recipe } from '../training/recipe.ts';

/**
 * The recipe that `--recipe` and `--seed` name: one of {@link RECIPES}, or the default changed by a JSON file.
 * @throws `bad_usage` on a name that is neither, an unknown key, or a value out of range
 */
export async function readRecipe(recipe: string | undefined, seed: string | undefined): Promise<Recipe> {
  const read = recipe === undefined ? parseRecipe({}, 'the default recipe') : (RECIPES[recipe] ?? (await readFileOf(recipe)));
  return seed === undefined ? read : parseRecipe({ seed: Number(seed) }, '--seed', read);
}

async function readFileOf(file: string): Promise<Recipe> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const names = Object.keys(RECIPES).join(', ');
    throw new TicketwiseError(
      'bad_usage',
      `The recipe ${file} cannot be read as JSON: ${messageOf(cause)}. Give a file, or one of the names ${names}.`,
      { cause },
    );
  }
  return parseRecipe(json, file);
}
