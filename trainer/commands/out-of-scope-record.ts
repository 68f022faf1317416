import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, TicketwiseError } from '../../errors.ts';
import { writeWhole } from './write-whole.ts';

const separation = z.strictObject({ auroc: z.number(), recall: z.number() });

const recordSchema = z.strictObject({
  command: z.string(),
  measuredAt: z.string(),
  commit: z.string().nullable(),
  machine: z.string(),
  base: z.string(),
  recipe: z.record(z.string(), z.unknown()),
  data: z.strictObject({ name: z.string(), sha256: z.string() }),
  /** intents that the model did not learn */
  leftOut: z.array(z.string()),
  rows: z.strictObject({ train: z.number(), inScope: z.number(), outOfScope: z.number() }),
  /** share of the rows in scope whose intent was right */
  accuracy: z.number(),
  /** share of the rows in scope that stay inside at each score's threshold */
  inside: z.number(),
  scores: z.strictObject({ probability: separation, energy: separation, logit: separation, nearestMean: separation }),
});

/** How well each score told the messages of intents that were left out of training. */
export type OutOfScopeRecord = z.infer<typeof recordSchema>;

/** Writes `out-of-scope.json` of a folder of results whole or not at all. Returns its path. */
export async function writeOutOfScope(record: OutOfScopeRecord, results: string): Promise<string> {
  const file = path.join(results, 'out-of-scope.json');
  await writeWhole(file, `${JSON.stringify(record, null, 1)}\n`);
  return file;
}

/**
 * Reads what {@link writeOutOfScope} wrote; undefined where it never did.
 * @throws `bad_data`
 */
export async function readOutOfScope(results: string): Promise<OutOfScopeRecord | undefined> {
  const file = path.join(results, 'out-of-scope.json');
  const complain = (what: string, cause: unknown) =>
    new TicketwiseError('bad_data', `${file} ${what} Measure again with npm run out-of-scope.`, { cause });
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw complain(`cannot be read as JSON: ${messageOf(cause)}.`, cause);
  }
  const parsed = recordSchema.safeParse(json);
  if (!parsed.success) throw complain(`is no such measurement:\n${z.prettifyError(parsed.error)}\n`, parsed.error);
  return parsed.data;
}
