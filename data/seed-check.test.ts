import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { SeedPart } from './seed.ts';
import { checkSeed, readSeedMessages, type SeedMessage } from './seed-check.ts';
import { agreementOf, readReadings } from './seed-readings.ts';
import { formatSeedCheck } from './seed-report.ts';
import { readTaxonomy } from './taxonomy.ts';

const taxonomy = await readTaxonomy();
const shipped = await readSeedMessages(taxonomy);
const check = checkSeed(shipped.messages, taxonomy);

test('the shipped corpus passes', () => {
  expect(shipped.problems).toEqual([]);
  expect(check.problems).toEqual([]);
});

test('the shipped corpus is as large and as varied as promised', () => {
  const { counts } = check;
  const total = (found: Record<string, number>) => Object.values(found).reduce((sum, count) => sum + count, 0);
  expect(total(counts.messages)).toBeGreaterThanOrEqual(4000);
  expect(new Set(Object.values(counts.industries).flat()).size).toBeGreaterThanOrEqual(8);
  expect(counts.cells.size).toBe(15);
  for (const [cell, count] of counts.cells) expect(total(count), cell).toBeGreaterThanOrEqual(100);
  expect(total(counts.chatter)).toBeGreaterThanOrEqual(600);
  expect(total(counts.hard)).toBeGreaterThanOrEqual(300);
  const share = counts.messages.test / total(counts.messages);
  expect(share).toBeGreaterThanOrEqual(0.25);
  expect(share).toBeLessThanOrEqual(0.33);
});

test('the report shows every cell, and readings of every message that models are measured on', async () => {
  const readings = agreementOf(await readReadings(), shipped.messages);
  expect(readings.messages).toBe(check.counts.messages.calibration + check.counts.messages.test);
  const report = formatSeedCheck(check, readings, taxonomy);
  for (const { id } of taxonomy.categories) expect(report.match(new RegExp(`^ {2}${id} +\\d+ +\\d+ +\\d+$`, 'gm'))).toHaveLength(3);
});

const first = (part: SeedPart, which: (message: SeedMessage) => boolean = () => true): SeedMessage => {
  const found = shipped.messages.find((message) => message.part === part && which(message));
  if (found === undefined) throw new Error(`no ${part} message`);
  return found;
};
const ticket = first('train', ({ category }) => category === 'billing');
const tested = first('test');
const added = (...messages: Partial<SeedMessage>[]) =>
  checkSeed([ticket, tested, ...messages.map((message) => ({ ...ticket, text: 'zzz', place: 'new:1', ...message }))], taxonomy).problems;

test.each([
  ['an exact duplicate', { text: `${ticket.text}!` }, /near-twins: .*new:1/],
  ['an industry of the other part', { industry: tested.industry }, new RegExp(`industry "${tested.industry}" is in train and test`)],
  ['no priority', { priority: undefined }, /new:1: every ticket of the corpus has a priority/],
  ['a text that is redacted', { text: 'write to zzz@example.com' }, /new:1: the bot would redact this text/],
  ['a blank at its end', { text: 'zzz ' }, /new:1: the text begins or ends with a blank/],
])('finds %s', (_, message, problem) => {
  expect(added(message as Partial<SeedMessage>)).toContainEqual(expect.stringMatching(problem));
});

test('finds a run of five words in both parts', () => {
  const run = 'zig zag zog zug zeg';
  const problems = added(
    { text: `${run} one`, place: 'train:1' },
    { text: `two ${run} at the gate`, place: 'test:1', part: 'test', industry: tested.industry },
  );
  expect(problems).toContainEqual(expect.stringMatching(/^"zig zag zog zug zeg" is in test:1, train:1/));
});

test('finds what is too few', () => {
  const few = checkSeed([ticket, tested], taxonomy).problems;
  for (const what of ['messages: 2,', 'industries: 2,', 'billing low: ', 'chatter: ', 'hard messages: ', 'the test part has 50.0 %'])
    expect(few).toContainEqual(expect.stringContaining(what));
  const lonely = checkSeed([{ ...ticket, intent: 'double_charge' }], taxonomy).problems;
  expect(lonely).toContainEqual('intent "double_charge": 1, promised are at least 25');
});

test('names a line that cannot be read, and a file of no part', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-seed-'));
  try {
    await writeFile(path.join(dir, 'train-a.jsonl'), '{"text":"hi","category":"nothing","industry":"a"}\n{}\n');
    await writeFile(path.join(dir, 'other.jsonl'), '');
    const { messages, problems } = await readSeedMessages(taxonomy, dir);
    expect(messages).toEqual([]);
    expect(problems).toEqual([
      expect.stringContaining('other.jsonl: belongs to no part'),
      expect.stringContaining('train-a.jsonl:1: "nothing" is no category'),
      expect.stringContaining('train-a.jsonl:2: '),
    ]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
