import { expect, it } from 'vitest';
import type { Row } from '../../data/row.ts';
import { assignFolds } from './folds.ts';

const WORDS = 'card transfer pending refund app crash parcel late pin top up fee charge cash atm swift limit exchange verify login'.split(
  ' ',
);

/** Messages of three words, no two of which share three quarters of them. */
const rows: Row[] = ['a', 'b', 'c'].flatMap((intent, n) =>
  Array.from({ length: 40 + 5 * n }, (_, i) => ({
    text: `${WORDS[i % 20]} ${WORDS[(i * 3 + n + 1) % 20]} ${intent}${i}`,
    intent,
    source: 'banking77' as const,
  })),
);

it('gives each fold its share of every intent', () => {
  const folds = assignFolds(rows, 5, 1);
  for (const [intent, share] of [
    ['a', 8],
    ['b', 9],
    ['c', 10],
  ] as const)
    for (let fold = 0; fold < 5; fold++) expect(rows.filter((row, i) => row.intent === intent && folds[i] === fold).length).toBe(share);
});

it('keeps near-twins on one side, through others too', () => {
  const twins = ['where is my new card now', 'where is my new card', 'Where is my new card?', 'where is my new card now please'];
  const all = [...rows, ...twins.map((text) => ({ text, intent: 'a', source: 'banking77' as const }))];
  for (const seed of [1, 2, 3]) expect(new Set(assignFolds(all, 5, seed).slice(rows.length)).size).toBe(1);
});

it('divides the same rows the same way, and otherwise with another seed', () => {
  expect(assignFolds(rows, 5, 1)).toEqual(assignFolds(rows, 5, 1));
  expect(assignFolds(rows, 5, 2)).not.toEqual(assignFolds(rows, 5, 1));
});
