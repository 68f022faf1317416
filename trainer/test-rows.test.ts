import { expect, test } from 'vitest';
import type { DataSet, Row } from '../data/row.ts';
import { withoutTestRows } from './test-rows.ts';

const set = (name: string, source: Row['source'], ...texts: string[]): DataSet => ({
  name,
  sha256: '',
  rows: texts.map((text) => ({ text, category: 'billing', source })),
});
const TESTS = [
  set('banking77/test', 'banking77', 'Where is my card?', 'mail me at ann@example.com'),
  set('seed/test', 'seed', 'the parcel is late', 'Wo ist mein Päckchen', '...'),
];

test.each([
  ['another message', 'where is my other card', true],
  ['the same message', 'Where is my card?', false],
  ['the same in other case, blanks and marks', '  where is MY card!! ', false],
  ['the same, redacted', 'mail me at [email]', false],
  ['the same in another language', 'wo ist mein päckchen?', false],
  ['a message without letters, unlike the one of the test part', '👍', true],
  ['a message that begins alike', 'the parcel is late again', true],
])('of imported data %s', (_, text, stays) => {
  const imported = set('import/desk', 'import', text, 'a bill');
  const { corpora } = withoutTestRows([imported], TESTS);
  expect(corpora[0]?.rows.map((row) => row.text)).toEqual(stays ? [text, 'a bill'] : ['a bill']);
});

test('what was taken out is counted for each file, and a file with nothing left is gone', () => {
  const [one, other] = [set('import/one', 'import', 'where is my card', 'a bill'), set('import/other', 'import', 'the parcel is late')];
  const clean = set('import/clean', 'import', 'a refund');
  const { corpora, note } = withoutTestRows([one, other, clean], TESTS);
  expect(corpora.map(({ name, rows }) => [name, rows.length])).toEqual([
    ['import/one', 1],
    ['import/clean', 1],
  ]);
  expect(note).toBe('Left out of training, because a test part has the same message: 1 of import/one, 1 of import/other.');
});

test('the corpora of the test parts stay as they are published', () => {
  const own = [set('banking77/train', 'banking77', 'where is my card'), set('seed/train', 'seed', 'the parcel is late')];
  expect(withoutTestRows(own, TESTS)).toEqual({ corpora: own, note: undefined });
});
