import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, TicketwiseError } from '../errors.ts';
import type { Taxonomy } from '../labels.ts';
import type { DataSet, Row } from './row.ts';

const line = z.strictObject({
  text: z.string().min(1),
  category: z.string().optional(),
  priority: z.string().optional(),
  intent: z.string().optional(),
  industry: z.string().min(1),
  chatter: z.literal(true).optional(),
  /** a category's key word in another category's problem */
  hard: z.literal(true).optional(),
});

/** Where the corpus that was written for this project lies. */
export const SEED = path.join(import.meta.dirname, 'seed');

/**
 * Reads one part of the seed corpus: every `<part>-*.jsonl` of its folder, in order of name.
 * @throws `bad_data` naming file, line and what was expected
 */
export async function readSeed(part: 'train' | 'test', taxonomy: Taxonomy, dir = SEED): Promise<DataSet> {
  const names = (await readdir(dir)).filter((name) => name.startsWith(`${part}-`) && name.endsWith('.jsonl')).sort();
  const hash = createHash('sha256');
  const rows: Row[] = [];
  for (const name of names) {
    const bytes = await readFile(path.join(dir, name));
    hash.update(bytes);
    rows.push(...parseLabelled(bytes.toString('utf8'), path.join(dir, name), taxonomy, 'seed'));
  }
  if (rows.length === 0) throw new TicketwiseError('bad_data', `${dir} has no ${part}-*.jsonl with rows.`);
  return { name: `seed/${part}`, rows, sha256: hash.digest('hex') };
}

/**
 * Parses JSON lines of labelled messages and checks their labels against the taxonomy.
 * @throws `bad_data` naming file and line
 */
export function parseLabelled(text: string, from: string, taxonomy: Taxonomy, source: Row['source']): Row[] {
  return text
    .split('\n')
    .map((json, i) => [json, i + 1] as const)
    .filter(([json]) => json.trim() !== '')
    .map(([json, number]) => {
      const complain = (what: string, cause?: unknown) => new TicketwiseError('bad_data', `${from}, line ${number}: ${what}`, { cause });
      let value: unknown;
      try {
        value = JSON.parse(json);
      } catch (cause) {
        throw complain(`no JSON (${messageOf(cause)})`, cause);
      }
      const parsed = line.safeParse(value);
      if (!parsed.success) throw complain(z.prettifyError(parsed.error));
      const { hard: _, ...row } = parsed.data;
      const wrong = problemOf(row, taxonomy);
      if (wrong !== undefined) throw complain(wrong);
      return { ...row, source } as Row;
    });
}

function problemOf(row: z.infer<typeof line>, taxonomy: Taxonomy): string | undefined {
  if (row.chatter) return (row.category ?? row.priority ?? row.intent) ? 'chatter has neither category, priority nor intent' : undefined;
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
