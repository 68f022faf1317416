import path from 'node:path';
import { TicketwiseError } from '../../errors.ts';
import { parseRecipe, type Recipe } from '../training/recipe.ts';
import type { SavedState } from '../training/state.ts';

/** Options of `npm run train` that decide what it writes, and where. */
export type TrainValues = {
  base?: string;
  banking77?: string;
  recipe?: string;
  seed?: string;
  'learning-rate'?: string;
  device?: string;
  out?: string;
  resume?: string;
  teacher?: string[];
  beside?: string;
  'no-report'?: boolean;
};

const FINETUNED = path.join(import.meta.dirname, '..', '..', 'models', 'finetuned');

/**
 * The folder that a model is written to: the one named, that of the training that goes on, or one named after the time.
 * @throws `bad_usage` when both are named
 */
export function outOf({ out, resume }: TrainValues, now = new Date()): string {
  if (resume === undefined) return out ?? path.join(FINETUNED, now.toISOString().slice(0, 19).replaceAll(':', ''));
  if (out !== undefined)
    throw new TicketwiseError('bad_usage', '--resume names the folder that the model is written to. Leave --out away.');
  return resume.replace(/\.training\/*$/, ''); // the state's own folder is as good a name
}

/**
 * The command that goes on with a training. Its recipe is kept with it; what else it was given is given again.
 * @param out folder that the model is written to
 */
export function resumeCommand(values: TrainValues, out: string): string {
  const named = (['base', 'banking77', 'device', 'beside'] as const).flatMap((name) => {
    const value = values[name];
    return value === undefined || (name === 'device' && value === 'auto') ? [] : [`--${name}`, quoted(value)];
  });
  const teachers = (values.teacher ?? []).map((dir) => `--teacher ${quoted(dir)}`);
  const flags = values['no-report'] === true ? ['--no-report'] : [];
  return ['npm run train -- --resume', quoted(path.relative('.', out)), ...named, ...teachers, ...flags].join(' ');
}

/**
 * The recipe of a training, which one that goes on has with it.
 * @param read reads a recipe by file and seed
 * @throws `bad_usage`
 */
export async function recipeOf(
  { recipe, seed, 'learning-rate': rate }: TrainValues,
  from: SavedState | undefined,
  read: (file: string | undefined, seed: string | undefined) => Promise<Recipe>,
): Promise<Recipe> {
  const kept = from && parseRecipe(from.origin.recipe, 'The recipe of the kept training');
  const keptWithSeed = kept && (seed === undefined ? kept : parseRecipe({ seed: Number(seed) }, '--seed', kept));
  const given = keptWithSeed === undefined || recipe !== undefined ? await read(recipe, seed) : keptWithSeed;
  return rate === undefined ? given : parseRecipe({ learningRate: Number(rate) }, '--learning-rate', given);
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
