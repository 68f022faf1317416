import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Taxonomy } from '../labels.ts';
import type { DataSet } from './row.ts';
import { parseLabelled } from './seed.ts';

/** Where imported data lies, kept out of git. */
export const PROCESSED = path.join(import.meta.dirname, 'processed');

const IMPORTED = /^imported-(.+)\.jsonl$/;

/** The file that training reads data from that is imported under a name. */
export function importedFile(name: string, dir = PROCESSED): string {
  return path.join(dir, `imported-${name}.jsonl`);
}

/** Whether training reads a file. */
export function isImported(file: string, dir = PROCESSED): boolean {
  return path.resolve(path.dirname(file)) === path.resolve(dir) && IMPORTED.test(path.basename(file));
}

/**
 * Reads what a team has imported: every `imported-<name>.jsonl` of the folder, in order of name; none where there is no
 * folder.
 * @throws `bad_data` naming file and line, as when a category has gone from the taxonomy since
 */
export async function readImported(taxonomy: Taxonomy, dir = PROCESSED): Promise<DataSet[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const sets = names.sort().flatMap((file) => {
    const name = IMPORTED.exec(file)?.[1];
    return name === undefined ? [] : [readSet(path.join(dir, file), name, taxonomy)];
  });
  return (await Promise.all(sets)).filter(({ rows }) => rows.length > 0);
}

async function readSet(file: string, name: string, taxonomy: Taxonomy): Promise<DataSet> {
  const bytes = await readFile(file);
  const rows = parseLabelled(bytes.toString('utf8'), file, taxonomy, 'import');
  return { name: `import/${name}`, rows, sha256: createHash('sha256').update(bytes).digest('hex') };
}
