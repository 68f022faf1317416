import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CsvError, type Options, parse } from 'csv-parse/sync';
import { messageOf, TicketwiseError } from '../errors.ts';

/** What is wanted of each row, and the column (of JSON lines: the key) that holds it. */
export type Columns = Record<string, string>;

/** One row: the line that it begins at, and its values by what was wanted. What is absent is ''. */
export type TableRow = { line: number; values: Record<string, string> };
export type Refusal = { line: number; reason: string };
export type Table = { rows: TableRow[]; refused: Refusal[] };

const FORMATS: Record<string, (text: string, columns: Columns, file: string) => Table> = {
  '.csv': (text, columns, file) => readDelimited(text, columns, file, [',', ';', '\t', '|']),
  '.tsv': (text, columns, file) => readDelimited(text, columns, file, ['\t']),
  '.tab': (text, columns, file) => readDelimited(text, columns, file, ['\t']),
  '.jsonl': readJsonLines,
  '.ndjson': readJsonLines,
};

/**
 * Reads columns of a CSV (separated by commas, semicolons, tabs or bars), TSV or JSON Lines file in UTF-8, with or
 * without a byte order mark. A column is found by its name, without regard to case where that is unambiguous.
 * @throws `bad_data` where the file as a whole cannot be used
 */
export async function readTable(file: string, columns: Columns): Promise<Table> {
  const read = FORMATS[path.extname(file).toLowerCase()];
  if (read === undefined) throw new TicketwiseError('bad_data', `${file} does not end in one of ${Object.keys(FORMATS).join(', ')}.`);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new TicketwiseError('bad_data', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const text = decode(bytes, file).replace(/\r\n?/g, '\n');
  if (text.trim() === '') throw new TicketwiseError('bad_data', `${file} is empty.`);
  return read(text, columns, file);
}

function decode(bytes: Buffer, file: string): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    const text = decoder.decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // answered below, for both
  }
  throw new TicketwiseError('bad_data', `${file} is not text in UTF-8. Save it as UTF-8 (Excel: "CSV UTF-8") and import it again.`);
}

type Records = { record: string[]; info: { lines: number } }[];

function readDelimited(text: string, columns: Columns, file: string, delimiters: string[]): Table {
  const wanted = Object.values(columns);
  const headers = delimiters.map((delimiter) => ({ delimiter, header: headerOf(text, delimiter) }));
  const found = headers.find(({ header }) => wanted.every((name) => positionOf(name, header) !== undefined));
  if (found === undefined) {
    const widest = headers.reduce((a, b) => (b.header.length > a.header.length ? b : a));
    throw missingColumn(file, wanted, widest.header);
  }
  const { delimiter, header } = found;
  const { records, relaxed } = parseRecords(text, delimiter, file);
  const positions = Object.entries(columns).map(([what, name]) => [what, positionOf(name, header) ?? -1] as const);
  const table: Table = { rows: [], refused: [] };
  for (const { record, info } of records.slice(1)) {
    const line = info.lines - record.join('').split('\n').length + 1;
    if (relaxed && record.some((field) => field.startsWith('"') && field.includes('\n')))
      table.refused.push({ line, reason: 'a quote that opens here is not closed at the end of its field' });
    else if (record.length !== header.length)
      table.refused.push({ line, reason: `${record.length} fields, where the header has ${header.length}` });
    else table.rows.push({ line, values: Object.fromEntries(positions.map(([what, at]) => [what, record[at] ?? ''])) });
  }
  return table;
}

function headerOf(text: string, delimiter: string): string[] {
  const [header] = parse(text, { delimiter, to: 1, relax_quotes: true, relax_column_count: true, skip_empty_lines: true });
  return (header ?? []).map((name) => name.trim());
}

/**
 * Quotes inside unquoted fields are common and harmless, but a parser that lets them pass joins rows where a quote was
 * left open: `relaxed` says that this may have happened.
 */
function parseRecords(text: string, delimiter: string, file: string): { records: Records; relaxed: boolean } {
  const options: Options = { delimiter, info: true, relax_column_count: true, skip_empty_lines: true };
  const read = (relaxed: boolean) => ({ records: parse(text, { ...options, relax_quotes: relaxed }) as unknown as Records, relaxed });
  try {
    return read(false);
  } catch {
    try {
      return read(true);
    } catch (cause) {
      const open = cause instanceof CsvError && cause.code === 'CSV_QUOTE_NOT_CLOSED';
      throw new TicketwiseError(
        'bad_data',
        open
          ? `${file}: a quote that is opened is never closed, so the end of the file is one field. Close it, or double it to mean a quote.`
          : `${file} is no CSV: ${messageOf(cause)}`,
        { cause },
      );
    }
  }
}

function readJsonLines(text: string, columns: Columns, file: string): Table {
  const table: Table = { rows: [], refused: [] };
  const seen = new Set<string>();
  const objects: { line: number; value: Record<string, unknown> }[] = [];
  text.split('\n').forEach((json, i) => {
    if (json.trim() === '') return;
    const value = parseObject(json);
    if (typeof value === 'string') table.refused.push({ line: i + 1, reason: value });
    else {
      for (const key of Object.keys(value)) seen.add(key);
      objects.push({ line: i + 1, value });
    }
  });
  if (objects.length === 0) throw new TicketwiseError('bad_data', `${file} has no line that is a JSON object.`);
  const keys = [...seen];
  const wanted = Object.values(columns);
  if (wanted.some((name) => positionOf(name, keys) === undefined)) throw missingColumn(file, wanted, keys);
  const names = Object.entries(columns).map(([what, name]) => [what, keys[positionOf(name, keys) ?? -1] ?? name] as const);
  for (const { line, value } of objects) {
    const wrong = names.find(([, key]) => typeof value[key] === 'object' && value[key] !== null);
    if (wrong !== undefined) table.refused.push({ line, reason: `"${wrong[1]}" is neither text nor a number` });
    else table.rows.push({ line, values: Object.fromEntries(names.map(([what, key]) => [what, String(value[key] ?? '')])) });
  }
  return table;
}

/** The object, or what is wrong. */
function parseObject(json: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : 'no JSON object';
  } catch {
    return 'no JSON';
  }
}

/** Where a column is: by its exact name, else by the only name that differs in case alone. */
function positionOf(name: string, header: readonly string[]): number | undefined {
  const exact = header.indexOf(name);
  if (exact >= 0) return exact;
  const alike = header.flatMap((other, i) => (other.toLowerCase() === name.toLowerCase() ? [i] : []));
  return alike.length === 1 ? alike[0] : undefined;
}

function missingColumn(file: string, wanted: string[], header: readonly string[]): TicketwiseError {
  const missing = wanted.filter((name) => positionOf(name, header) === undefined);
  return new TicketwiseError(
    'bad_data',
    `${file} has no column ${missing.map((name) => `"${name}"`).join(' and no column ')}. It has: ${header.map((name) => `"${name}"`).join(', ')}.`,
  );
}
