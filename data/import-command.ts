import { mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArguments } from '../cli.ts';
import { messageOf, TicketwiseError } from '../errors.ts';
import { type Import, importRows } from './import.ts';
import { formatImport } from './import-report.ts';
import { importedFile, isImported, PROCESSED } from './imported.ts';
import { labelWords } from './label-words.ts';
import { readTable } from './table-file.ts';
import { readTaxonomy } from './taxonomy.ts';

export const IMPORT_USAGE =
  'npm run data -- import FILE.csv|.tsv|.jsonl --text COLUMN --category COLUMN [--priority COLUMN] [--intent COLUMN] [--map FROM=TO ...] [--out FILE.jsonl]';

/**
 * `npm run data -- import`: turns a labelled export into data that training reads. What was imported from a file of the
 * same name before is replaced, all at once.
 * @param dir the folder that training reads
 * @throws `bad_usage`; `bad_data` when the file cannot be used or no row is taken
 */
export async function importCommand(args: string[], print: (text: string) => void, dir = PROCESSED): Promise<void> {
  const { values, positionals } = parseArguments(
    args,
    {
      text: { type: 'string' },
      category: { type: 'string' },
      priority: { type: 'string' },
      intent: { type: 'string' },
      map: { type: 'string', multiple: true, default: [] },
      out: { type: 'string' },
    },
    IMPORT_USAGE,
  );
  const [file, ...more] = positionals;
  const { text, category, priority, intent } = values;
  if (file === undefined || more.length > 0 || text === undefined || category === undefined)
    throw new TicketwiseError('bad_usage', `Expected one file and the columns of its text and category.\nUsage: ${IMPORT_USAGE}`);
  const name = path.parse(file).name.replace(/[^\p{L}\p{N}._-]+/gu, '-');
  const out = values.out ?? importedFile(name, dir);
  if (!out.endsWith('.jsonl')) throw new TicketwiseError('bad_usage', `--out "${out}" does not end in .jsonl, which is what it will be.`);

  const taxonomy = await readTaxonomy();
  const words = labelWords(taxonomy, values.map);
  const columns = { text, category, ...(priority === undefined ? {} : { priority }), ...(intent === undefined ? {} : { intent }) };
  const table = await readTable(file, columns);
  if (await isSameFile(file, out)) throw new TicketwiseError('bad_usage', `--out is the file that is read: ${file}. Name another.`);
  const result = importRows(table, words, taxonomy, name);
  print(`${file}\n${formatImport(result, words.unused(), taxonomy)}`);
  if (result.lines.length === 0) throw new TicketwiseError('bad_data', `No row of ${file} was taken; nothing was written.`);
  const replaced = (await stat(out).catch(() => undefined)) !== undefined;
  await write(out, result);
  const reader = isImported(out, dir)
    ? 'npm run train and the next retraining learn from it'
    : `training does not read it there, only ${path.relative('.', importedFile('NAME', dir))}`;
  print(`\n${replaced ? 'Replaced' : 'Wrote'} ${path.relative('.', out)}: ${reader}.`);
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  return (await realpath(a)) === (await realpath(b).catch(() => undefined));
}

/** The file appears, or changes, when it is whole. */
async function write(out: string, { lines }: Import): Promise<void> {
  const partial = `${out}.${process.pid}.part`;
  try {
    await mkdir(path.dirname(out), { recursive: true });
    await writeFile(partial, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await rename(partial, out);
  } catch (cause) {
    await rm(partial, { force: true });
    throw new TicketwiseError('bad_data', `${out} cannot be written: ${messageOf(cause)}`, { cause });
  }
}
