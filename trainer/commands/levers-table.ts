import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { TicketwiseError } from '../../errors.ts';
import { pairedInterval } from '../evaluation/metrics.ts';
import { DEFAULT_RECIPE } from '../training/recipe.ts';
import { markdownTable } from './markdown-table.ts';
import { showValue } from './results-table.ts';

const scores = z.object({ accuracy: z.number() });
const figures = z.object({
  rows: z.number().int(),
  intent: scores,
  category: scores,
  priority: scores,
  chatter: z.object({ recall: z.number() }).optional(),
});

/** One fold of one recipe, as `npm run cross-validate` appends it to `levers.jsonl`. Fields that only tell of the run are let pass. */
const foldSchema = z.object({
  lever: z.string(),
  /** the lever that it is set beside: the same but for one thing */
  against: z.string().optional(),
  fold: z.number().int(),
  figures: z.object({ banking77: figures, seed: figures.optional() }),
  seconds: z.number(),
  commit: z.string().nullable(),
  recipe: z.record(z.string(), z.unknown()),
  /** rows of the fold of Banking77 whose intent was wrong */
  wrong: z.array(z.number().int()),
});

export type LeverFold = z.infer<typeof foldSchema>;

/**
 * Reads `levers.jsonl` of a folder of results; none is no levers.
 * @throws `bad_data` naming the line
 */
export async function readLevers(results: string): Promise<LeverFold[]> {
  const file = path.join(results, 'levers.jsonl');
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => {
      const parsed = foldSchema.safeParse(parseLine(line));
      if (!parsed.success) throw new TicketwiseError('bad_data', `${file}, line ${i + 1}:\n${z.prettifyError(parsed.error)}`);
      return parsed.data;
    });
}

/** A line of JSON; half of one is no fold. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Writes the table of the levers. Returns its path. */
export async function writeLeversTable(results: string): Promise<string> {
  const file = path.join(results, 'levers.md');
  await writeFile(file, leversTable(await readLevers(results)));
  return file;
}

/** Every lever as a line of Markdown: what it changes, what it scores on its folds, and how far it is from what it is set beside. */
export function leversTable(folds: readonly LeverFold[]): string {
  const levers = new Map<string, LeverFold[]>();
  for (const fold of folds) levers.set(fold.lever, [...(levers.get(fold.lever) ?? []), fold]);
  const head = [
    'lever',
    'beside',
    'what differs',
    'folds',
    'intents (77)',
    'difference',
    'categories',
    'seed: categories',
    'seed: priorities',
    'chatter',
  ];
  const rows = [...levers].map(([lever, own]) => {
    const beside = own[0]?.against;
    const other = beside === undefined ? [] : (levers.get(beside) ?? []);
    const seeds = own.flatMap(({ figures }) => figures.seed ?? []);
    const banking77 = own.map(({ figures }) => figures.banking77);
    return [
      lever,
      beside ?? '',
      differing(own[0]?.recipe ?? {}, other[0]?.recipe ?? DEFAULT_RECIPE),
      own.map(({ fold }) => fold).join(', '),
      share(banking77, ({ intent }) => intent.accuracy),
      difference(own, other),
      share(banking77, ({ category }) => category.accuracy),
      share(seeds, ({ category }) => category.accuracy),
      share(seeds, ({ priority }) => priority.accuracy),
      share(seeds, ({ chatter }) => chatter?.recall),
    ];
  });
  const parts = [
    '# Levers',
    'Made by `npm run results` from `levers.jsonl`, which `npm run cross-validate` appends to; edit neither by hand. Accuracy in % on folds of the training sets that the model did not see; a fold of the seed corpus is whole industries. The difference is that of the intents on the folds that both have, in points, with the 95 % interval of the pair.',
    levers.size === 0 ? 'No lever is measured yet.' : markdownTable(head, rows),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The keys of a recipe that have another value in the other one. One that the other lacks was not yet there: 0 left things as they were. */
function differing(recipe: Record<string, unknown>, other: Record<string, unknown>): string {
  const keys = Object.keys(recipe).filter((key) => JSON.stringify(recipe[key]) !== JSON.stringify(other[key] ?? 0));
  return keys.map((key) => `${key} ${showValue(recipe[key])}`).join(', ');
}

/** Mean over folds, weighted by their rows. */
function share(parts: readonly z.infer<typeof figures>[], of: (part: z.infer<typeof figures>) => number | undefined): string {
  const known = parts.flatMap((part) => {
    const value = of(part);
    return value === undefined ? [] : [{ value, rows: part.rows }];
  });
  if (known.length === 0) return '';
  const rows = known.reduce((sum, part) => sum + part.rows, 0);
  return ((100 * known.reduce((sum, part) => sum + part.value * part.rows, 0)) / rows).toFixed(2);
}

function difference(own: readonly LeverFold[], other: readonly LeverFold[]): string {
  const pairs = own.flatMap((a) => {
    const b = other.find(({ fold }) => fold === a.fold);
    return b === undefined ? [] : [{ a: outcomes(a), b: outcomes(b) }];
  });
  if (pairs.length === 0) return '';
  const [a, b] = [pairs.flatMap((pair) => pair.a), pairs.flatMap((pair) => pair.b)];
  const points = (100 * (a.filter(Boolean).length - b.filter(Boolean).length)) / a.length;
  return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)} ± ${(100 * pairedInterval(a, b)).toFixed(2)}`;
}

/** Whether each row of the fold was right. */
function outcomes({ figures, wrong }: LeverFold): boolean[] {
  const missed = new Set(wrong);
  return Array.from({ length: figures.banking77.rows }, (_, i) => !missed.has(i));
}
