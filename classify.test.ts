import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from './data/row.ts';
import { type Classification, type Classifier, MAX_TEXT } from './models/classification.ts';
import { openClassifier } from './models/classifier.ts';
import { type ModelFolder, SERVED } from './models/folder.ts';
import { openThreadedClassifier } from './models/threaded.ts';
import { buildTinyModel, TINY_LABELS, writeTinyCheckpoint } from './trainer/testing.ts';
import { parseRecipe } from './trainer/training/recipe.ts';

const labels = TINY_LABELS;
const rows = ['money', 'parcel'].flatMap((word, i): Row[] =>
  ['my', 'the', 'again the', 'please see my'].map((opening) =>
    i === 0
      ? { text: `${opening} ${word}`, intent: 'refund', category: 'billing', priority: 'high', source: 'seed' }
      : { text: `${opening} ${word}`, intent: 'parcel', category: 'order', priority: 'low', source: 'seed' },
  ),
);
const recipe = parseRecipe({ epochs: 15, batchSize: 8, batchTokens: 64, learningRate: 5e-3, dropout: 0, maxTokens: 16 }, 'the test');

let scratch: string;
let model: ModelFolder;
let inThread: Classifier;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-classify-'));
  const base = path.join(scratch, 'base');
  await writeTinyCheckpoint(
    base,
    rows.map(({ text }) => text),
  );
  model = await buildTinyModel(base, rows, { recipe, servedOnly: true, out: path.join(scratch, 'model') });
  inThread = await openClassifier(model.dir);
});
afterAll(async () => {
  await inThread.dispose();
  await rm(scratch, { recursive: true });
});

/** `npm run classify`, from a folder without an .env, with this on standard input. */
async function classify(args: string[], input = '', env: Record<string, string> = {}) {
  const main = path.join(import.meta.dirname, 'models', 'main.ts');
  const { MODEL: _, ...rest } = process.env;
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...args], {
    cwd: scratch,
    env: { ...rest, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {}).end(input); // a process that refuses its arguments does not read
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}
const answersIn = (stdout: string): Classification[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('npm run classify', () => {
  it('answers a text of several words for a person', async () => {
    const { code, stdout, stderr } = await classify(['classify', '--model', model.dir, 'please', 'see', 'my', 'money']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^please see my money\ncategory {2}billing, priority high \(\d+\.\d %\)\n {2}billing +\d+\.\d %\n/);
    // Eight held-out rows are too few for any promise.
    expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
      'The bot would ask: this is less sure than 95 % precision asks for.',
      `model ${model.version}`,
    ]);
  });

  it('answers every line of standard input in order, whatever its end, across batches', async () => {
    const texts = Array.from({ length: 300 }, (_, i) => `${'again '.repeat(i % 7)}the ${i % 3 === 0 ? 'money' : 'parcel'} ${i}`);
    const input = texts.join('\n').replace('\n', '\r\n');
    const { code, stdout, stderr } = await classify(['classify', '--json', '--model', model.dir], input);
    expect([code, stderr]).toEqual([0, '']);
    const answers = answersIn(stdout);
    expect(answers.map(({ text }) => text)).toEqual(texts);
    expect(answers.map(({ category }) => category.id)).toEqual((await inThread.classify(texts)).map(({ category }) => category.id));
    expect(Object.keys(answers[0] ?? {})).toEqual([
      'text',
      'category',
      'priority',
      'intent',
      'categories',
      'chatter',
      'sure',
      'inScope',
      'silent',
      'model',
    ]);
    expect(new Set(answers.map(({ category }) => category.id))).toEqual(new Set(['billing', 'order']));
  });

  it('takes the model from MODEL, and lets --model go before it', async () => {
    expect(await classify(['classify', 'money'], '', { MODEL: model.dir })).toMatchObject({ code: 0 });
    expect(await classify(['classify', '--model', model.dir, 'money'], '', { MODEL: 'nowhere' })).toMatchObject({ code: 0 });
    const { code, stderr } = await classify(['classify', 'money'], '', { MODEL: 'nowhere' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('Error: nowhere is no model folder')]);
  });

  it.each([
    ['an empty line', 'my money\n\nmy parcel\n', 'Line 2 of standard input: The message is empty.'],
    [
      'a line that is too long',
      `my money\n${'x'.repeat(MAX_TEXT + 1)}\n`,
      `Line 2 of standard input: The message has ${MAX_TEXT + 1} characters`,
    ],
  ])('ends at %s, after the lines before it', async (_, input, message) => {
    const { code, stdout, stderr } = await classify(['classify', '--json', '--model', model.dir], input);
    expect([code, answersIn(stdout).map(({ text }) => text)]).toEqual([1, ['my money']]);
    expect(stderr).toContain(`Error: ${message}`);
    expect(stderr).not.toContain('    at ');
  });

  it.each<[string, () => string[], string]>([
    ['no command', () => [], 'Unknown command "".\nUsage: npm run classify'],
    ['an unknown command', () => ['clasify'], 'Unknown command "clasify".\nUsage: npm run classify'],
    ['an unknown option', () => ['classify', '--modle', 'a'], "Unknown option '--modle'"],
    ['nothing at all to classify', () => ['classify', '--model', model.dir], 'There is nothing to classify'],
    ['an empty text', () => ['classify', '--model', model.dir, ' '], 'The message is empty.'],
    ['a text that is too long', () => ['classify', '--model', model.dir, 'x'.repeat(MAX_TEXT + 1)], `has ${MAX_TEXT + 1} characters`],
    ['a folder that is no model', () => ['classify', '--model', scratch, 'money'], 'is no model folder'],
    ['nothing to ship', () => ['ship'], 'Which model? Give its folder.'],
  ])('refuses %s with exit code 1 and no stack', async (_, args, message) => {
    const { code, stdout, stderr } = await classify(args());
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Error: /);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});

describe('a classifier in a thread of its own', () => {
  it('answers as one in this thread does, each caller its own texts', async () => {
    const classifier = await openThreadedClassifier(model.dir);
    const calls = [['my money', 'the parcel'], [], ['again the parcel'], ['my money', 'my money', 'see']];
    const [answers, expected] = [
      await Promise.all(calls.map((texts) => classifier.classify(texts))),
      await Promise.all(calls.map((texts) => inThread.classify(texts))),
    ];
    expect(answers.map((of) => of.map(({ text, intent }) => [text, intent.id]))).toEqual(
      expected.map((of) => of.map(({ text, intent }) => [text, intent.id])),
    );
    expect([classifier.version, classifier.labels]).toEqual([model.version, labels]);
    await classifier.dispose();
  });

  it('refuses a bad text, and answers those that were asked beside it', async () => {
    const classifier = await openThreadedClassifier(model.dir);
    const [good, bad] = await Promise.allSettled([classifier.classify(['my money']), classifier.classify(['the parcel', ' '])]);
    expect([good, bad]).toMatchObject([{ value: [{ category: { id: 'billing' } }] }, { reason: { code: 'bad_text' } }]);
    await classifier.dispose();
  });

  it('waits for what is under way when it is disposed of, however often, and answers no more', async () => {
    const classifier = await openThreadedClassifier(model.dir);
    const answers = classifier.classify(['my money']);
    await Promise.all([classifier.dispose(), classifier.dispose()]);
    expect(await answers).toHaveLength(1);
    await classifier.dispose();
    await expect(classifier.classify(['my money'])).rejects.toMatchObject({
      code: 'bad_model',
      message: expect.stringContaining('has ended'),
    });
  });

  it.each<[string, (dir: string) => Promise<void>, string]>([
    ['is missing', (dir) => rm(dir, { recursive: true }), 'is no model folder'],
    ['is damaged', (dir) => truncate(path.join(dir, SERVED), 100), `${SERVED} has 100 bytes`],
  ])('says why when the model %s', async (what, damage, message) => {
    const dir = path.join(scratch, what);
    await cp(model.dir, dir, { recursive: true });
    await damage(dir);
    await expect(openThreadedClassifier(dir)).rejects.toMatchObject({ code: 'bad_model', message: expect.stringContaining(message) });
  });
});
