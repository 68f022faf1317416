import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTaxonomy } from '../../data/taxonomy.ts';
import { writeTinyBanking77, writeTinyCheckpoint } from '../testing.ts';
import { outOfScopeCommand } from './out-of-scope-command.ts';
import { readOutOfScope } from './out-of-scope-record.ts';

const OPENINGS = ['hello', 'please see', 'what about', 'again', 'my', 'the', 'still', 'no', 'why is', 'help with'];

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-out-of-scope-'));
  const intents = (await readTaxonomy()).intents.slice(0, 30);
  const rows = intents.flatMap(({ id }, i) => OPENINGS.map((opening) => ({ text: `${opening} word${i}`, id })));
  await writeTinyCheckpoint(
    path.join(scratch, 'base'),
    rows.map(({ text }) => text),
  );
  const csv = (some: typeof rows) => `text,category\n${some.map(({ text, id }) => `${text},${id}`).join('\n')}\n`;
  await writeFile(path.join(scratch, 'train.csv'), csv(rows));
  await writeFile(path.join(scratch, 'test.csv'), csv(rows.slice(0, 1)));
  await writeFile(
    path.join(scratch, 'recipe.json'),
    JSON.stringify({ epochs: 8, batchSize: 16, batchTokens: 256, learningRate: 5e-3, dropout: 0, maxTokens: 16 }),
  );
});
afterAll(() => rm(scratch, { recursive: true }));

const run = (...args: string[]) =>
  outOfScopeCommand(
    ['--device', 'cpu', '--recipe', path.join(scratch, 'recipe.json'), ...args],
    { base: path.join(scratch, 'base'), banking77: scratch },
    new AbortController().signal,
    path.join(scratch, 'results'),
  );

it('measures every score on intents that the model never saw, and keeps the figures', async () => {
  expect(await readOutOfScope(path.join(scratch, 'results'))).toBeUndefined();
  await run();
  const record = await readOutOfScope(path.join(scratch, 'results'));
  expect(record?.leftOut).toHaveLength(15);
  expect(record?.rows).toEqual({ train: 120, inScope: 30, outOfScope: 150 });
  expect(record).toMatchObject({ base: 'base', recipe: { epochs: 8 }, data: { name: 'banking77/train' }, inside: 0.95 });
  for (const { auroc, recall } of Object.values(record?.scores ?? {})) {
    expect(auroc).toBeGreaterThan(0.5); // better than chance, for a model that learnt its words
    expect(recall).toBeGreaterThanOrEqual(0);
  }
  await run();
  expect((await readOutOfScope(path.join(scratch, 'results')))?.scores).toEqual(record?.scores);
});

it('names a record that is none', async () => {
  const results = await mkdtemp(path.join(scratch, 'other-'));
  await writeFile(path.join(results, 'out-of-scope.json'), '{"scores": 1}');
  await expect(readOutOfScope(results)).rejects.toMatchObject({
    code: 'bad_data',
    message: expect.stringContaining('npm run out-of-scope'),
  });
});

it.each([
  ['an unknown option', ['--folds', '1'], "Unknown option '--folds'"],
  ['a recipe that is not there', ['--recipe', 'nowhere.json'], 'nowhere.json cannot be read as JSON'],
])('refuses %s, and writes nothing', async (_, args, message) => {
  const before = await readFile(path.join(scratch, 'results', 'out-of-scope.json'), 'utf8').catch(() => '');
  await expect(run(...args)).rejects.toThrow(message);
  expect(await readFile(path.join(scratch, 'results', 'out-of-scope.json'), 'utf8').catch(() => '')).toBe(before);
});

it('refuses a training set of too few intents', async () => {
  const few = await mkdtemp(path.join(scratch, 'few-'));
  await writeTinyBanking77(few, 'where is it');
  await expect(run('--banking77', few)).rejects.toMatchObject({ code: 'bad_data', message: expect.stringContaining('has 1 intents') });
});
