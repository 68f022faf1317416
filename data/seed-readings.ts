import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, TicketwiseError } from '../errors.ts';
import { numberedLines } from './seed.ts';
import type { SeedMessage } from './seed-check.ts';

/** Where the blind readings of the seed corpus lie. */
export const READINGS = path.join(import.meta.dirname, '..', 'results', 'seed-readings.jsonl');

/** `["chatter"]`, or a category and a priority. */
const label = z.union([z.tuple([z.literal('chatter')]), z.tuple([z.string(), z.string()])]);
const schema = z.strictObject({
  file: z.string(),
  line: z.number().int(),
  readings: z.tuple([label, label]),
  /** a third reading, of messages that were drawn by chance and shown in random order */
  again: label.optional(),
});

/** A message as two readers labelled it who knew neither its label nor each other. */
export type Reading = z.infer<typeof schema>;

/** Shares of the messages that were read on which two say the same: the corpus and a reader, both readers, the corpus and the third reading. */
export type Agreement = { messages: number; readAgain: number; category: Pair; priority: Pair };
type Pair = { withCorpus: number; between: number; again: number };
type Label = readonly (string | undefined)[];

/**
 * Reads the blind readings.
 * @throws `bad_data` naming the line
 */
export async function readReadings(file = READINGS): Promise<Reading[]> {
  return numberedLines(await readFile(file, 'utf8')).map(({ json, number }) => {
    try {
      return schema.parse(JSON.parse(json));
    } catch (cause) {
      throw new TicketwiseError('bad_data', `${file}, line ${number}: no reading (${messageOf(cause)})`, { cause });
    }
  });
}

/**
 * How far readers and corpus agree. Chatter counts as a category; a priority is compared where both have one.
 * @param messages the corpus; a reading of a message that it does not have is an error
 * @throws `bad_data`
 */
export function agreementOf(readings: readonly Reading[], messages: readonly SeedMessage[]): Agreement {
  const labels = new Map(messages.map(({ place, category, priority, chatter }) => [place, chatter ? ['chatter'] : [category, priority]]));
  const read = readings.map(({ file, line, readings: [one, other], again }) => {
    const own = labels.get(`${file}:${line}`);
    if (own === undefined) throw new TicketwiseError('bad_data', `There is a reading of ${file}:${line}, and no such message.`);
    return { own, one, other, again };
  });
  const withCorpus = read.flatMap(({ own, one, other }): [Label, Label][] => [
    [own, one],
    [own, other],
  ]);
  const between = read.map(({ one, other }): [Label, Label] => [one, other]);
  const again = read.flatMap(({ own, again }): [Label, Label][] => (again === undefined ? [] : [[own, again]]));
  const agree = (pairs: [Label, Label][], part: 0 | 1) => {
    const both = pairs.filter(([a, b]) => a[part] !== undefined && b[part] !== undefined);
    return both.filter(([a, b]) => a[part] === b[part]).length / Math.max(1, both.length);
  };
  const pair = (part: 0 | 1): Pair => ({ withCorpus: agree(withCorpus, part), between: agree(between, part), again: agree(again, part) });
  return { messages: readings.length, readAgain: again.length, category: pair(0), priority: pair(1) };
}
