import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, TicketwiseError } from '../errors.ts';
import { parseTaxonomy, type Taxonomy } from '../labels.ts';

const TAXONOMY = path.join(import.meta.dirname, 'taxonomy.json');

/**
 * Reads the taxonomy that the team keeps.
 * @throws `bad_data`
 */
export async function readTaxonomy(file = TAXONOMY): Promise<Taxonomy> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new TicketwiseError('bad_data', `${file} cannot be read as JSON: ${messageOf(cause)}`, { cause });
  }
  return parseTaxonomy(json, file);
}
