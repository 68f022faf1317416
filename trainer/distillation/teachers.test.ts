import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../data/row.ts';
import { softmax } from '../../models/classifier.ts';
import { readModelFolder } from '../../models/folder.ts';
import { openInference } from '../../models/inference.ts';
import { buildTinyModel, TINY_LABELS, writeTinyCheckpoint } from '../testing.ts';
import { DEFAULT_RECIPE, DISTILLATION } from '../training/recipe.ts';
import { recipeWith, teach } from './teachers.ts';

const ROWS: Row[] = [
  { text: 'please refund the fee on my card today', source: 'import', intent: 'refund', category: 'billing' },
  { text: 'where is my parcel since monday', source: 'import', intent: 'parcel', category: 'order' },
  { text: 'where is my parcel since monday', source: 'import', category: 'order' },
  { text: 'the courier charged me a fee', source: 'feedback', category: 'order' },
  { text: 'a message that counts nothing', source: 'seed', category: 'order' },
];
const recipe = {
  ...DEFAULT_RECIPE,
  distillation: { share: 0.5, variants: 3 },
  sourceWeights: { ...DEFAULT_RECIPE.sourceWeights, seed: 0 },
};
const options = { labels: TINY_LABELS, recipe, threads: 1 };

let scratch: string;
const at = (name: string) => path.join(scratch, name);
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-teachers-'));
  await writeTinyCheckpoint(
    at('base'),
    ROWS.map(({ text }) => text),
  );
  for (const [i, name] of ['one', 'two'].entries())
    await buildTinyModel(at('base'), ROWS.slice(0, 2), {
      out: at(name),
      recipe: { ...DEFAULT_RECIPE, epochs: 4, batchTokens: 64, maxTokens: 16, dropout: 0, learningRate: 0.01, seed: 1 + i },
    });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('teach', () => {
  it('gives the mean of what the teachers believe', async () => {
    const { teacher, teachers } = await teach(ROWS, [at('one'), at('two')], options);
    const text = ROWS[0]?.text ?? '';
    const expected = new Float32Array(TINY_LABELS.intents.length);
    for (const name of ['one', 'two']) {
      const inference = await openInference(at(name));
      const [answer] = await inference.run([text]);
      const { manifest } = inference.folder;
      for (const [i, p] of softmax(answer?.intents ?? new Float32Array(), manifest.temperature.intent).entries())
        expected[i] = (expected[i] ?? 0) + p / 2;
      await inference.dispose();
    }
    const answer = [...(teacher(text) ?? [])];
    expect(answer).toHaveLength(expected.length);
    // a message in a batch is rounded by the largest number of all of it
    for (const [i, probability] of answer.entries()) expect(probability).toBeCloseTo(expected[i] ?? Number.NaN, 1);
    expect(answer.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(teachers).toEqual(await Promise.all(['one', 'two'].map(async (name) => (await readModelFolder(at(name))).version)));
    expect(teacher('never asked')).toBeUndefined();
  });

  it('puts variants with no label behind the messages, and answers to each', async () => {
    const { rows, teacher } = await teach(ROWS, [at('one')], options);
    expect(rows.slice(0, ROWS.length)).toEqual(ROWS);
    const variants = rows.slice(ROWS.length);
    expect(variants.length).toBeGreaterThan(0);
    expect(variants.length).toBeLessThanOrEqual(9);
    for (const variant of variants) expect(Object.keys(variant).sort()).toEqual(['source', 'text']);
    const texts = [...ROWS.slice(0, 2), ...variants].map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
    for (const text of texts) expect(teacher(text)).toHaveLength(TINY_LABELS.intents.length);
    // neither what a team corrected, nor what counts nothing
    expect(ROWS.slice(3).map(({ text }) => teacher(text))).toEqual([undefined, undefined]);
    expect((await teach(ROWS, [at('one')], options)).rows).toEqual(rows);
  });

  it('refuses a teacher of another taxonomy', async () => {
    const labels = { ...TINY_LABELS, intents: TINY_LABELS.intents.toReversed() };
    await expect(teach(ROWS, [at('one')], { ...options, labels })).rejects.toThrow(
      'one cannot teach: it was trained for another taxonomy.',
    );
  });

  it('stops when it is told to', async () => {
    const stopped = teach(ROWS, [at('one')], { ...options, signal: AbortSignal.abort(new Error('SIGTERM')) });
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('recipeWith', () => {
  const { distillation, ...plain } = recipe;
  it.each([
    ['teachers and a distillation', ['a'], recipe, distillation],
    ['teachers alone', ['a'], plain, DISTILLATION],
    ['neither', undefined, plain, undefined],
  ])('with %s', (_, teachers, given, expected) => expect(recipeWith(teachers, given).distillation).toEqual(expected));

  it('refuses a distillation with nobody to teach', () => {
    expect(() => recipeWith(undefined, recipe)).toThrow('there are no teachers. Name models with --teacher');
  });
});

it('a student without any label comes to believe what its teachers believe, and names them', async () => {
  const texts = ROWS.slice(0, 2).map(({ text }) => text);
  const unlabelled: Row[] = texts.map((text) => ({ text, source: 'import' }));
  const lessons = await teach(unlabelled, [at('one'), at('two')], options);
  const { manifest } = await buildTinyModel(at('base'), [], {
    out: at('student'),
    blend: { train: lessons.rows, heldOut: [] },
    recipe: { ...recipe, epochs: 40, batchTokens: 64, maxTokens: 16, dropout: 0, learningRate: 0.01, seed: 9 },
    lessons,
  });
  expect(manifest.recipe.teachers).toEqual(lessons.teachers);
  const inference = await openInference(at('student'));
  for (const [i, { intents }] of (await inference.run(texts)).entries()) {
    const taught = lessons.teacher(texts[i] ?? '');
    for (const [k, probability] of softmax(intents, 1).entries()) expect(probability).toBeCloseTo(taught?.[k] ?? Number.NaN, 1);
  }
  await inference.dispose();
});
