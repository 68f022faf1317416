import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinyCheckpoint } from '../testing.ts';
import { evaluateCommand } from './evaluate-command.ts';
import { trainCommand } from './train-command.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-commands-'));
  await writeTinyCheckpoint(path.join(scratch, 'base'), ['where is my card']);
  for (const part of ['train', 'test'])
    await writeFile(path.join(scratch, `${part}.csv`), 'text,category\nwhere is my card,card_arrival\n');
  await mkdir(path.join(scratch, 'thesis'));
  await writeFile(path.join(scratch, 'half.json'), '{"epochs":');
});
afterAll(() => rm(scratch, { recursive: true }));

/** A command's arguments with paths in the scratch folder. */
async function run([command, ...args]: string[]): Promise<void> {
  const defaults = { base: path.join(scratch, 'base'), banking77: scratch };
  const given = args.map((arg) => (['none', 'none.json', 'half.json', 'base', 'thesis'].includes(arg) ? path.join(scratch, arg) : arg));
  if (command === 'train') await trainCommand(given, defaults, AbortSignal.abort());
  else await evaluateCommand(given, defaults);
}

it.each([
  ['a stray word', ['train', 'fast'], 'Unexpected "fast".\nUsage: npm run train'],
  ['an unknown device', ['train', '--device', 'abacus'], 'abacus'],
  ['a recipe that is not there', ['train', '--device', 'cpu', '--recipe', 'none.json'], 'none.json cannot be read as JSON: ENOENT'],
  ['half a recipe', ['train', '--device', 'cpu', '--recipe', 'half.json'], 'half.json cannot be read as JSON'],
  ['a seed in words', ['train', '--device', 'cpu', '--seed', 'lucky'], '--seed is no recipe'],
  ['a base that is nothing', ['train', '--device', 'cpu', '--base', 'nowhere'], 'The base "nowhere" is neither a folder nor the name'],
  ['a Banking77 that is not there', ['train', '--device', 'cpu', '--banking77', 'none'], 'none/train.csv cannot be read'],
  ['no model to evaluate', ['evaluate'], 'Which model? Give its folder.'],
  ['an unknown precision', ['evaluate', '--model', 'base', '--precision', 'int4'], 'The precision "int4" is not one of int8, fp32.'],
  ['a folder that is no model, to evaluate', ['evaluate', '--model', 'thesis'], 'thesis is no model folder'],
  ['to go on when it is stopped', ['train', '--device', 'cpu', '--out', 'none'], 'Training was stopped after step 1 of '],
])('refuses %s, and writes nothing', async (_, args, message) => {
  const before = await readdir(scratch);
  await expect(run(args)).rejects.toMatchObject({ name: 'TicketwiseError', message: expect.stringContaining(message) });
  expect(await readdir(scratch)).toEqual(before);
});
