import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyBanking77, writeTinyCheckpoint } from '../testing.ts';
import { evaluateCommand } from './evaluate-command.ts';
import { trainCommand } from './train-command.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-commands-'));
  await writeTinyCheckpoint(path.join(scratch, 'base'), ['where is my card']);
  await writeTinyBanking77(scratch, 'where is my card');
  await writeTinyCheckpoint(path.join(scratch, 'other'), ['where is my parcel']);
  await writeTinyBanking77(path.join(scratch, 'other'), 'why is that');
  await mkdir(path.join(scratch, 'thesis'));
  await writeFile(path.join(scratch, 'half.json'), '{"epochs":');
  await writeFile(path.join(scratch, 'dry.json'), '{"dropout":0}');
  await writeFile(path.join(scratch, 'taught.json'), '{"distillation":{"share":1,"variants":1}}');
});
afterAll(() => rm(scratch, { recursive: true }));

/** A command's arguments with paths in the scratch folder. */
async function run([command, ...args]: string[]): Promise<void> {
  const defaults = { base: path.join(scratch, 'base'), banking77: scratch };
  const given = args.map((arg) =>
    ['none', 'none.json', 'half.json', 'dry.json', 'taught.json', 'base', 'other', 'thesis'].includes(arg) ? path.join(scratch, arg) : arg,
  );
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
  ['a learning rate in words', ['train', '--device', 'cpu', '--learning-rate', 'slow'], '--learning-rate is no recipe'],
  ['a teacher that is no model', ['train', '--device', 'cpu', '--teacher', 'thesis'], 'thesis is no model folder'],
  ['a distillation with no teacher', ['train', '--device', 'cpu', '--recipe', 'taught.json'], 'Name models with --teacher MODEL_DIR.'],
  ['to go on with nothing', ['train', '--resume', 'none'], 'none.training (ENOENT'],
  ['to go on somewhere else', ['train', '--resume', 'none', '--out', 'thesis'], 'Leave --out away.'],
])('refuses %s, and writes nothing', async (_, args, message) => {
  const before = await readdir(scratch);
  await expect(run(args)).rejects.toMatchObject({ name: 'TicketwiseError', message: expect.stringContaining(message) });
  expect(await readdir(scratch)).toEqual(before);
});

describe('a training that was stopped', () => {
  const out = () => path.join(scratch, 'stopped');
  const state = () => path.join(`${out()}.training`, 'state.json');
  beforeAll(async () => {
    const stopped = run(['train', '--device', 'cpu', '--seed', '3', '--out', out(), '--no-report']);
    const command = `npm run train -- --resume ${path.relative('.', out())} --device cpu --no-report`;
    await expect(stopped).rejects.toMatchObject({
      code: 'interrupted',
      message: expect.stringMatching(/^Training was stopped after step 1 of \d+, and is kept in \S+stopped\.training\. Go on with\n/),
    });
    await expect(stopped).rejects.toThrow(command);
  });

  it('goes on with the recipe that it had', async () => {
    const { origin } = JSON.parse(await readFile(state(), 'utf8'));
    expect(origin.recipe.seed).toBe(3);
    for (const named of [out(), `${out()}.training/`])
      await expect(run(['train', '--device', 'cpu', '--resume', named])).rejects.toThrow('Training was stopped after step ');
    const { history } = JSON.parse(await readFile(state(), 'utf8'));
    expect(history.map(({ step }: { step: number }) => step)).toEqual([1, 2, 3]);
  });

  it.each<[string, () => string[], string]>([
    ['anew over it', () => ['--out', out()], 'keeps a training that was stopped. Go on with\n  npm run train -- --resume'],
    ['on with another seed', () => ['--resume', out(), '--seed', '4'], '- the recipe: seed was 3 and is 4'],
    ['on with another recipe', () => ['--resume', out(), '--recipe', 'dry.json', '--seed', '3'], '- the recipe: dropout was 0.1 and is 0'],
    ['on at a higher rate', () => ['--resume', out(), '--learning-rate', '0.01'], '- the recipe: learningRate was 0.0002 and is 0.01'],
    ['on with another base', () => ['--resume', out(), '--base', 'other'], '- the base: it was base ('],
    ['on with other data', () => ['--resume', out(), '--banking77', 'other'], '- the data: banking77/train was 1 rows ('],
  ])('is not begun %s, and stays', async (_, args, message) => {
    const before = await readFile(state(), 'utf8');
    await expect(run(['train', '--device', 'cpu', ...args()])).rejects.toMatchObject({
      code: 'bad_usage',
      message: expect.stringContaining(message),
    });
    expect(await readFile(state(), 'utf8')).toBe(before);
  });
});
