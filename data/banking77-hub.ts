import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { z } from 'zod';
import { messageOf, TicketwiseError } from '../errors.ts';
import type { Taxonomy } from '../labels.ts';
import { BANKING77_INTENTS } from './banking77.ts';
import { fetchFromHub, type OnDownload } from './hub.ts';

const REPO = 'PolyAI/banking77';
/** The Hub converts every data set to Parquet on this branch. */
const REVISION = 'refs/convert/parquet';
const PARTS = { train: 'default/train/0000.parquet', test: 'default/test/0000.parquet' } as const;

/**
 * Fetches Banking77 from the Hub into a folder, as the `train.csv` and `test.csv` that {@link readBanking77} reads.
 * @throws `unreachable`, `bad_data` when what came is not Banking77
 */
export async function fetchBanking77(dir: string, taxonomy: Taxonomy, onProgress: OnDownload, hubUrl?: string): Promise<void> {
  await fetchFromHub(dir, {
    repo: { type: 'dataset', name: REPO },
    revision: REVISION,
    files: Object.values(PARTS),
    instead: '--banking77 or BANKING77',
    onProgress,
    ...(hubUrl === undefined ? {} : { hubUrl }),
  });
  const names = intentNames(taxonomy);
  try {
    for (const [part, file] of Object.entries(PARTS)) {
      const csv = toCsv(await readParquet(path.join(dir, file)), names, `${REPO} ${file}`);
      const target = path.join(dir, `${part}.csv`);
      await writeFile(`${target}.part`, csv);
      await rename(`${target}.part`, target);
    }
  } finally {
    await rm(path.join(dir, 'default'), { recursive: true }); // what is not Banking77 must not be there the next time
  }
}

const rowsSchema = z.array(z.object({ text: z.string(), label: z.coerce.number().int().nonnegative() })).min(1);

async function readParquet(file: string): Promise<z.infer<typeof rowsSchema>> {
  const bytes = await readFile(file);
  const complain = (what: string, cause: unknown) =>
    new TicketwiseError('bad_data', `${file} is not Banking77, with columns text and label: ${what}`, { cause });
  const content = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const rows = await parquetReadObjects({ file: content }).catch((cause: unknown) => {
    throw complain(messageOf(cause), cause);
  });
  const parsed = rowsSchema.safeParse(rows);
  if (!parsed.success) throw complain(`\n${z.prettifyError(parsed.error)}`, parsed.error);
  return parsed.data;
}

/** Rows as CSV; the label's number becomes the intent's name. */
function toCsv(rows: z.infer<typeof rowsSchema>, names: string[], from: string): string {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = rows.map(({ text, label }) => {
    const name = names[label];
    if (name === undefined)
      throw new TicketwiseError('bad_data', `${from} has the label ${label}; expected 0 to ${BANKING77_INTENTS - 1}.`);
    return `${quote(text)},${name}`;
  });
  return `text,category\n${lines.join('\n')}\n`;
}

/** Banking77's labels are numbered in the order of their names, whatever their case. */
function intentNames(taxonomy: Taxonomy): string[] {
  return taxonomy.intents
    .slice(0, BANKING77_INTENTS)
    .map(({ id }) => id)
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
}
