import { expect, test } from 'vitest';
import { groupTwins } from './twins.ts';

test.each([
  ['the same words', ['Where is my card?', 'where is MY card'], [[0, 1]]],
  ['three of four words', ['where is my card', 'where is my'], [[0, 1]]],
  ['two of three words', ['where is my', 'where is'], [[0], [1]]],
  ['twins through a third', ['a b c d e f', 'a b c d e f g h', 'c d e f g h'], [[0, 1, 2]]],
  ['no words', ['🙂', '🙂', 'hi'], [[0], [1], [2]]],
])('%s', (_, texts, groups) => {
  expect(
    groupTwins(texts)
      .map((group) => group.toSorted())
      .sort(),
  ).toEqual(groups);
});
