import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { SeedMessage } from './seed-check.ts';
import { agreementOf, type Reading, readReadings } from './seed-readings.ts';

const message = (place: string, label: Partial<SeedMessage>): SeedMessage => ({
  text: place,
  industry: 'a',
  part: 'test',
  place,
  ...label,
});
const MESSAGES = [
  message('test-a.jsonl:1', { category: 'billing', priority: 'high' }),
  message('test-a.jsonl:2', { category: 'order', priority: 'low' }),
  message('test-a.jsonl:3', { chatter: true }),
  message('test-a.jsonl:4', { category: 'general', priority: 'low' }),
];
const reading = (line: number, ...readings: Reading['readings']): Reading => ({ file: 'test-a.jsonl', line, readings });

test('counts where readers and corpus agree, and priorities where both have one', () => {
  const readings = [
    { ...reading(1, ['billing', 'high'], ['billing', 'low']), again: ['account', 'high'] as [string, string] },
    { ...reading(2, ['order', 'low'], ['general', 'low']), again: ['order', 'low'] as [string, string] },
    reading(3, ['chatter'], ['chatter']),
    reading(4, ['chatter'], ['general', 'low']),
  ];
  expect(agreementOf(readings, MESSAGES)).toEqual({
    messages: 4,
    readAgain: 2,
    category: { withCorpus: 6 / 8, between: 2 / 4, again: 1 / 2 },
    priority: { withCorpus: 4 / 5, between: 1 / 2, again: 1 },
  });
});

test('refuses a reading of no message', () => {
  expect(() => agreementOf([reading(9, ['chatter'], ['chatter'])], MESSAGES)).toThrow('test-a.jsonl:9, and no such message');
});

test('names a line that is no reading', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-readings-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const file = path.join(dir, 'readings.jsonl');
  await writeFile(
    file,
    `${JSON.stringify(reading(1, ['chatter'], ['chatter']))}\n{"file":"a","line":1,"readings":[["order"],["chatter"]]}\n`,
  );
  await expect(readReadings(file)).rejects.toThrow('readings.jsonl, line 2: no reading');
});
