import { CHATTER, type Taxonomy } from '../labels.ts';
import { MAX_TEXT } from '../models/classification.ts';
import { redact } from '../redact.ts';
import type { LabelWords } from './label-words.ts';
import { sameness } from './sameness.ts';
import type { Line } from './seed.ts';
import type { Refusal, Table, TableRow } from './table-file.ts';

/** What became of the rows of an export; `line` is where a row begins in it. */
export type Import = {
  lines: Line[];
  refused: Refusal[];
  /** rows whose text was there already; `other`: with another label, and the earlier row counts */
  duplicates: { line: number; of: number; other: boolean }[];
  /** rows in which something was redacted */
  redacted: number;
};

/** Longest piece of a word that a refusal quotes, in characters. */
const QUOTED = 40;

/**
 * Turns the rows of a labelled export into rows as the seed corpus has them: labels become ids of the taxonomy, texts are
 * redacted as the bot redacts them, and of rows with the same text the first is taken.
 * @param industry what to call those who wrote the messages
 */
export function importRows(table: Table, words: LabelWords, taxonomy: Taxonomy, industry: string): Import {
  const result: Import = { lines: [], refused: [...table.refused], duplicates: [], redacted: 0 };
  const seen = new Map<string, { line: number; label: string }>();
  for (const row of table.rows) {
    const labels = labelsOfRow(row, words, taxonomy);
    if (typeof labels === 'string') {
      result.refused.push({ line: row.line, reason: labels });
      continue;
    }
    const original = (row.values.text ?? '').trim();
    const text = redact(original);
    const label = JSON.stringify(labels);
    const first = seen.get(sameness(text));
    if (first !== undefined) {
      result.duplicates.push({ line: row.line, of: first.line, other: first.label !== label });
      continue;
    }
    seen.set(sameness(text), { line: row.line, label });
    if (text !== original) result.redacted += 1;
    result.lines.push({ text, ...labels, industry });
  }
  result.refused.sort((a, b) => a.line - b.line);
  return result;
}

type Labels = Pick<Line, 'category' | 'priority' | 'intent' | 'chatter'>;

/** The labels of a row, or why it is refused. */
function labelsOfRow({ values }: TableRow, words: LabelWords, taxonomy: Taxonomy): Labels | string {
  const text = (values.text ?? '').trim();
  if (text === '') return 'no text';
  if (text.length > MAX_TEXT) return `a text of more than ${MAX_TEXT.toLocaleString('en')} characters, which the bot does not classify`;
  const category = words.idOf('category', values.category ?? '');
  if (category === undefined) return unknown('category', values.category);
  if (category === '') return 'no category';
  if (category === CHATTER) return { chatter: true };
  const priority = words.idOf('priority', values.priority ?? '');
  if (priority === undefined) return unknown('priority', values.priority);
  const intent = words.idOf('intent', values.intent ?? '');
  if (intent === undefined) return unknown('intent', values.intent);
  const owner = taxonomy.intents.find(({ id }) => id === intent)?.category;
  if (owner !== undefined && owner !== category) return `the intent "${intent}" belongs to ${owner}, but the category is ${category}`;
  return { category, ...(priority === '' ? {} : { priority }), ...(intent === '' ? {} : { intent }) };
}

function unknown(kind: string, word = ''): string {
  const shown = word.trim().slice(0, QUOTED);
  return `the ${kind} "${shown}${word.trim().length > QUOTED ? '…' : ''}" is not in the taxonomy (--map "${shown}"=ID says what it means)`;
}
