import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, TicketwiseError } from '../errors.ts';
import type { Taxonomy } from '../labels.ts';
import type { DataSet, Row } from './row.ts';

const schema = z.strictObject({
  text: z.string().min(1),
  category: z.string().optional(),
  priority: z.string().optional(),
  intent: z.string().optional(),
  industry: z.string().min(1),
  chatter: z.literal(true).optional(),
  /** a category's key word in another category's problem */
  hard: z.literal(true).optional(),
});

/** One line of a labelled file. */
export type Line = z.infer<typeof schema>;

/** Where the corpus that was written for this project lies. */
export const SEED = path.join(import.meta.dirname, 'seed');

/** What models learn from, what they are calibrated and compared on, and what they are measured on; each of other industries. */
export const SEED_PARTS = ['train', 'calibration', 'test'] as const;
export type SeedPart = (typeof SEED_PARTS)[number];

/**
 * Reads one part of the seed corpus: every `<part>-*.jsonl` of its folder, in order of name.
 * @throws `bad_data` naming file, line and what was expected
 */
export async function readSeed(part: SeedPart, taxonomy: Taxonomy, dir = SEED): Promise<DataSet> {
  const entries = await readdir(dir).catch((cause: unknown) => {
    throw new TicketwiseError('bad_data', `${dir} cannot be read (${messageOf(cause)}). Expected a folder with ${part}-*.jsonl.`, {
      cause,
    });
  });
  const names = entries.filter((name) => name.startsWith(`${part}-`) && name.endsWith('.jsonl')).sort();
  const hash = createHash('sha256');
  const rows: Row[] = [];
  for (const name of names) {
    const bytes = await readFile(path.join(dir, name));
    hash.update(bytes);
    const own = parseLabelled(bytes.toString('utf8'), path.join(dir, name), taxonomy, 'seed');
    rows.push(...(part === 'calibration' ? own.map((row) => ({ ...row, heldOut: true as const })) : own));
  }
  if (rows.length === 0) throw new TicketwiseError('bad_data', `${dir} has no ${part}-*.jsonl with rows.`);
  return { name: `seed/${part}`, rows, sha256: hash.digest('hex') };
}

/**
 * Parses JSON lines of labelled messages and checks their labels against the taxonomy.
 * @throws `bad_data` naming file and line
 */
export function parseLabelled(text: string, from: string, taxonomy: Taxonomy, source: Row['source']): Row[] {
  return numberedLines(text).map(({ json, number }) => {
    const { hard: _, ...row } = parseLine(json, `${from}, line ${number}`, taxonomy);
    return { ...row, source } as Row;
  });
}

/** The lines that are not blank, numbered from 1. */
export function numberedLines(text: string): { json: string; number: number }[] {
  return text.split('\n').flatMap((json, i) => (json.trim() === '' ? [] : [{ json, number: i + 1 }]));
}

/**
 * Parses one line of a labelled file.
 * @param from where it stands, for the error
 * @throws `bad_data`
 */
export function parseLine(json: string, from: string, taxonomy: Taxonomy): Line {
  const complain = (what: string, cause?: unknown) => new TicketwiseError('bad_data', `${from}: ${what}`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw complain(`no JSON (${messageOf(cause)})`, cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw complain(z.prettifyError(parsed.error));
  const wrong = problemOf(parsed.data, taxonomy);
  if (wrong !== undefined) throw complain(wrong);
  return parsed.data;
}

function problemOf(row: Line, taxonomy: Taxonomy): string | undefined {
  const labelled = row.category !== undefined || row.priority !== undefined || row.intent !== undefined;
  if (row.chatter) return labelled ? 'chatter has neither category, priority nor intent' : undefined;
  if (row.category === undefined) return 'a row has a category, or is chatter';
  if (!taxonomy.categories.some(({ id }) => id === row.category)) return `"${row.category}" is no category of the taxonomy`;
  if (row.priority !== undefined && !taxonomy.priorities.some(({ id }) => id === row.priority))
    return `"${row.priority}" is no priority of the taxonomy`;
  if (row.intent === undefined) return undefined;
  const intent = taxonomy.intents.find(({ id }) => id === row.intent);
  if (intent === undefined) return `"${row.intent}" is no intent of the taxonomy`;
  if (intent.category !== row.category) return `intent "${row.intent}" belongs to ${intent.category}, the row says ${row.category}`;
  return undefined;
}
