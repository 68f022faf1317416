import { expect, test } from 'vitest';
import { median, summarise } from './statistics.ts';

test.each([
  [[3], 3],
  [[4, 1], 2.5],
  [[9, 1, 5], 5],
  [[1, 2, 3, 1000], 2.5],
])('the median of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

test('a summary keeps range, count and the 95th percentile', () => {
  const values = Array.from({ length: 101 }, (_, i) => 100 - i);
  expect(summarise(values)).toEqual({ median: 50, p95: 95, least: 0, most: 100, count: 101 });
});

test('nothing has no summary', () => expect(() => summarise([])).toThrow('nothing'));
