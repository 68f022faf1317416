import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TicketwiseError } from '../../errors.ts';
import { RESULTS } from '../commands/results.ts';
import { writeWhole } from '../commands/write-whole.ts';
import { type Finding, formatMarkdown } from './table.ts';

/** The parts of the benchmark. */
export type Part = 'serve' | 'train' | 'memory';

/** A finding with all that is needed to repeat it. */
export type BenchRecord = {
  part: Part;
  command: string;
  /** when it began */
  measuredAt: string;
  commit: string | null;
  machine: string;
  /** work that the machine had when it began, in processes waiting (the average of a minute) */
  load: number;
  figures: Finding['figures'];
};

const DOCUMENT = path.join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');

/** Writes `results/bench/<date>-<part>.json` whole or not at all; a second finding of a day takes its place. Returns its path. */
export async function writeRecord(record: BenchRecord, results = RESULTS): Promise<string> {
  const file = path.join(results, 'bench', `${record.measuredAt.slice(0, 10)}-${record.part}.json`);
  await writeWhole(file, `${JSON.stringify(record, null, 1)}\n`);
  return file;
}

/**
 * Puts the tables of a finding into the document, in the place of their part.
 * @throws `not_found` when the document has no such place
 */
export async function writeDocument(record: BenchRecord, tables: Finding['tables'], document = DOCUMENT): Promise<void> {
  const text = await readFile(document, 'utf8');
  const from = `\`${record.command}\`, ${record.measuredAt.slice(0, 10)}, commit ${record.commit ?? 'unknown'}, ${record.machine}.`;
  await writeWhole(document, fillPlace(text, record.part, [from, ...tables.map(formatMarkdown)].join('\n\n'), document));
}

/**
 * Replaces what stands between `<!-- bench PART -->` and `<!-- /bench PART -->`.
 * @throws `not_found`
 */
export function fillPlace(text: string, part: Part, content: string, from: string): string {
  const [open, close] = [`<!-- bench ${part} -->`, `<!-- /bench ${part} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start)
    throw new TicketwiseError(
      'not_found',
      `${from} has no place for the figures of ${part}: expected a line "${open}" and one "${close}".`,
    );
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`;
}
