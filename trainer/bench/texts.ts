import { readSeed } from '../../data/seed.ts';
import { readTaxonomy } from '../../data/taxonomy.ts';
import { openTokenizer } from '../../models/tokenizer.ts';

/** Messages to measure with, from the seed corpus that every checkout has. */
export type Texts = {
  /** messages of exactly 16 tokens, `[CLS]` and `[SEP]` included */
  short: string[];
  /** messages as they come */
  natural: string[];
};

const TOKENS = 16;
const NATURAL = 512;

/** Takes messages from the test part of the seed corpus. */
export async function readTexts(modelDir: string, maxTokens: number): Promise<Texts> {
  const [tokenize, { rows }] = [await openTokenizer(modelDir, maxTokens), await readSeed('test', await readTaxonomy())];
  const texts = [...new Set(rows.map((row) => row.text))];
  const short = texts.filter((text) => tokenize(text).length === TOKENS);
  if (short.length === 0) throw new Error(`the seed corpus has no message of ${TOKENS} tokens`);
  return { short, natural: texts.slice(0, NATURAL) };
}
