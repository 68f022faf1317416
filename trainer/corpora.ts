import type { Banking77 } from '../data/banking77.ts';
import { readImported } from '../data/imported.ts';
import type { DataSet } from '../data/row.ts';
import { readSeed } from '../data/seed.ts';
import type { Taxonomy } from '../labels.ts';
import { blend } from './blend.ts';
import { withoutTestRows } from './test-rows.ts';
import type { Recipe } from './training/recipe.ts';

export type Corpora = {
  /** what models are measured on, Banking77's part first */
  parts: DataSet[];
  /** what they learn from and are calibrated on, without rows of those */
  corpora: DataSet[];
  /** what was left out, in words */
  note: string | undefined;
};

/** Banking77 where it is there, the seed corpus and what the team imported. */
export async function readCorpora(banking77: Banking77 | undefined, taxonomy: Taxonomy): Promise<Corpora> {
  const parts = [...(banking77 === undefined ? [] : [banking77.test]), await readSeed('test', taxonomy)];
  const known = [
    ...(banking77 === undefined ? [] : [banking77.train]),
    await readSeed('train', taxonomy),
    await readSeed('calibration', taxonomy),
    ...(await readImported(taxonomy)),
  ];
  return { parts, ...withoutTestRows(known, parts) };
}

/** The corpora whose source counts for something. */
export function counted(corpora: readonly DataSet[], weights: Recipe['sourceWeights']): DataSet[] {
  return corpora.filter(({ rows: [first] }) => first !== undefined && weights[first.source] > 0);
}

/** The rows of each corpus that no model learns. */
export function heldOutParts(corpora: readonly DataSet[]): DataSet[] {
  return corpora
    .map((corpus) => ({ ...corpus, name: `${corpus.name}, held out`, rows: blend([corpus], []).heldOut }))
    .filter(({ rows }) => rows.length > 0);
}
