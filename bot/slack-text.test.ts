import { expect, test } from 'vitest';
import { escapeText, joinWithin, listed, percent } from './slack-text.ts';

test.each([
  ['<!channel> & <@U1>', '&lt;!channel&gt; &amp; &lt;@U1&gt;'],
  ['&lt;', '&amp;lt;'],
  ['words', 'words'],
])('escapeText(%s)', (text, escaped) => {
  expect(escapeText(text)).toBe(escaped);
});

test.each([
  [['a', 'b', 'c'], 10, 'a · b · c'],
  [['a', 'b', 'c'], 9, 'a · b · c'],
  [['a', 'b', 'c'], 8, 'a · …'],
  [['aaaaaaaaaaaa'], 5, '…'],
  [[], 5, ''],
])('%j within %i characters', (parts, limit, joined) => {
  expect(joinWithin(parts, ' · ', limit)).toBe(joined);
  expect(joined.length).toBeLessThanOrEqual(limit);
});

test.each([
  [0, '0 %'],
  [0.004, '0 %'],
  [0.915, '92 %'],
  [0.999, '99 %'],
  [1, '100 %'],
])('percent(%f)', (probability, text) => {
  expect(percent(probability)).toBe(text);
});

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
])('listed(%j)', (items, text) => {
  expect(listed(items)).toBe(text);
  expect(listed(items, 'or')).toBe(text.replace('and', 'or'));
});
