import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { messageOf, TicketwiseError } from '../errors.ts';
import type { Taxonomy } from '../labels.ts';
import type { DataSet, Row } from './row.ts';

/** The first 77 intents of the taxonomy are Banking77's; others follow them. */
export const BANKING77_INTENTS = 77;

/** Banking77 (Casanueva et al., 2020): 10,003 training and 3,080 test messages with 77 intents. */
export type Banking77 = { train: DataSet; test: DataSet };

/**
 * Reads `train.csv` and `test.csv` with the columns `text` and `category` (the intent) from a folder. Category and
 * priority follow from the intent by the taxonomy.
 * @throws `bad_data` naming file, line and what was expected
 */
export async function readBanking77(dir: string, taxonomy: Taxonomy): Promise<Banking77> {
  // One after the other: of two files that cannot be read, the first is named.
  const train = await readPart(path.join(dir, 'train.csv'), taxonomy);
  const test = await readPart(path.join(dir, 'test.csv'), taxonomy);
  return { train, test };
}

async function readPart(file: string, taxonomy: Taxonomy): Promise<DataSet> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new TicketwiseError(
      'bad_data',
      `${file} cannot be read (${messageOf(cause)}). Banking77 is a folder with train.csv and test.csv; give it with --banking77 or BANKING77.`,
      { cause },
    );
  });
  const intents = new Map(taxonomy.intents.map((intent) => [intent.id, intent]));
  const rows = parseCsv(bytes, file).map(({ text, category, line }): Row => {
    const intent = intents.get(category);
    if (intent === undefined)
      throw new TicketwiseError(
        'bad_data',
        `${file}, line ${line}: "${category}" is no intent of the taxonomy. Add it to data/taxonomy.json or correct the file.`,
      );
    if (text === '') throw new TicketwiseError('bad_data', `${file}, line ${line}: the text is empty.`);
    return { text, intent: intent.id, category: intent.category, priority: intent.priority, source: 'banking77' };
  });
  if (rows.length === 0) throw new TicketwiseError('bad_data', `${file} has a header and no rows.`);
  return { name: `banking77/${path.basename(file, '.csv')}`, rows, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function parseCsv(bytes: Buffer, file: string): { text: string; category: string; line: number }[] {
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(bytes, { columns: true, bom: true, info: true, skip_empty_lines: true });
  } catch (cause) {
    throw new TicketwiseError('bad_data', `${file} is no CSV: ${messageOf(cause)}`, { cause });
  }
  const columns = Object.keys(records[0]?.record ?? { text: '', category: '' });
  for (const column of ['text', 'category']) {
    if (!columns.includes(column))
      throw new TicketwiseError(
        'bad_data',
        `${file} has no column "${column}"; its columns are ${columns.join(', ')}. Expected: text, category.`,
      );
  }
  return records.map(({ record, info }) => ({
    text: (record.text ?? '').trim(),
    category: (record.category ?? '').trim(),
    line: info.lines,
  }));
}
