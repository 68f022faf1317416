import { expect, it } from 'vitest';
import { cutBatches } from './batching.ts';

it.each<[string, number[], { rows: number; tokens: number }, number[][]]>([
  ['nothing', [], { rows: 2, tokens: 8 }, []],
  ['at most so many rows', [1, 1, 1, 1, 1], { rows: 2, tokens: 100 }, [[1, 1], [1, 1], [1]]],
  ['at most so many tokens, exactly', [4, 4, 4], { rows: 9, tokens: 8 }, [[4, 4], [4]]],
  ['padding counted: three rows of 4 are 12 tokens', [1, 1, 4], { rows: 9, tokens: 8 }, [[1, 1], [4]]],
  ['a long item alone', [1, 9, 9], { rows: 9, tokens: 8 }, [[1], [9], [9]]],
  ['a long item first', [9], { rows: 9, tokens: 8 }, [[9]]],
])('cuts %s', (_, lengths, limits, batches) => {
  expect(cutBatches(lengths, (length) => length, limits)).toEqual(batches);
});
