import type { DataSet } from '../data/row.ts';
import { sameness } from '../data/sameness.ts';
import { redact } from '../redact.ts';

/**
 * Takes out of imported data the messages that stand in a test part, whatever their case and punctuation: a model that
 * learnt them would be measured on what it knows. The corpora that have a test part of their own stay as they were
 * published, since their figures are compared.
 * @returns the corpora that have rows left, and what was taken out in words, undefined when nothing was
 */
export function withoutTestRows(corpora: readonly DataSet[], tests: readonly DataSet[]): { corpora: DataSet[]; note: string | undefined } {
  const known = new Set(tests.flatMap(({ rows }) => rows.flatMap(({ text }) => [sameness(text), sameness(redact(text))])));
  const isClean = (row: DataSet['rows'][number]) => row.source !== 'import' || !known.has(sameness(row.text));
  const clean = corpora.map((corpus) => ({ ...corpus, rows: corpus.rows.filter(isClean) }));
  const taken = corpora.flatMap(({ name, rows }, i) => {
    const count = rows.length - (clean[i]?.rows.length ?? 0);
    return count === 0 ? [] : [`${count.toLocaleString('en')} of ${name}`];
  });
  return {
    corpora: clean.filter(({ rows }) => rows.length > 0),
    note: taken.length === 0 ? undefined : `Left out of training, because a test part has the same message: ${taken.join(', ')}.`,
  };
}
