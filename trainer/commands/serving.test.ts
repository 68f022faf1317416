import { expect, test } from 'vitest';
import type { Row } from '../../data/row.ts';
import type { Classifier } from '../../models/classification.ts';
import { formatServing, spread, timeServing } from './serving.ts';

test.each([
  [10, 5, [0, 2, 4, 6, 8]],
  [7, 3, [0, 2, 4]],
  [3, 5, [0, 1, 2]],
  [0, 5, []],
])('of %i items at most %i are taken, at even distances', (items, most, taken) => {
  expect(
    spread(
      Array.from({ length: items }, (_, i) => i),
      most,
    ),
  ).toEqual(taken);
});

test('messages of every part are asked one by one after a warm-up, then together', async () => {
  const asked: number[] = [];
  const classifier = { classify: async (texts: readonly string[]) => void asked.push(texts.length) } as unknown as Classifier;
  const part = (rows: number) => ({ rows: Array.from({ length: rows }, (_, i): Row => ({ text: `message ${i}`, source: 'seed' })) });
  const serving = await timeServing(classifier, 2, [part(30), part(70)]);
  expect(asked).toEqual([...Array.from({ length: 20 + 100 }, () => 1), 100, 100, 100]);
  expect(serving).toMatchObject({ messages: 100, threads: 2 });
  expect(serving.p95).toBeGreaterThanOrEqual(serving.p50);
});

test('figures read as one line', () => {
  expect(formatServing({ messages: 200, threads: 1, p50: 1.04, p95: 2.26, messagesPerSecond: 1234.5 })).toBe(
    '1.0 ms for a message (median; 95 % within 2.3 ms), 1,235 messages/s in batches: 200 messages, one thread',
  );
});
