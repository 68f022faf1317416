import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSet, Row } from '../data/row.ts';
import { readModelFolder, WEIGHTS } from '../models/folder.ts';
import { openInference } from '../models/inference.ts';
import { averageModels } from './average.ts';
import { readSafetensors } from './network/safetensors.ts';
import { buildTinyModel, TINY_LABELS, writeTinyCheckpoint } from './testing.ts';
import { DEFAULT_RECIPE } from './training/recipe.ts';

const TEXTS = ['refund my card', 'where is my parcel', 'card refund please', 'parcel late'];
const ROWS: Row[] = TEXTS.map((text) => {
  const refund = text.includes('refund');
  return {
    text,
    source: 'import',
    intent: refund ? 'refund' : 'parcel',
    category: refund ? 'billing' : 'order',
    priority: refund ? 'high' : 'low',
  };
});
const DATA: DataSet = { name: 'calibration', rows: ROWS, sha256: '0'.repeat(64) };

describe('an average of models', () => {
  let scratch: string;
  const at = (name: string) => path.join(scratch, name);
  const build = (name: string, change: object = {}, settings: object = {}) =>
    buildTinyModel(at('base'), ROWS, {
      out: at(name),
      recipe: { ...DEFAULT_RECIPE, epochs: 2, batchTokens: 64, maxTokens: 16, dropout: 0, learningRate: 0.01, ...change },
      ...settings,
    });
  const options = (out: string) => ({ labels: TINY_LABELS, heldOut: ROWS, data: [DATA], out: at(out) });
  const average = (...names: string[]) => averageModels(names.map(at), options('average'));
  const weightsOf = async (...names: string[]) => {
    const models = await Promise.all(names.map((name) => readSafetensors(path.join(at(name), WEIGHTS))));
    return models.map((arrays) => [...arrays].flatMap(([, { values }]) => [...values]));
  };

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-average-'));
    await writeTinyCheckpoint(at('base'), TEXTS);
    await build('one');
    await build('two', { seed: 2 });
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  it('has the mean of their weights, says so, and answers', async () => {
    const { manifest, version } = await average('one', 'two');
    const [one, two, mean] = await weightsOf('one', 'two', 'average');
    expect(one).not.toEqual(two);
    mean?.forEach((value, i) => {
      expect(value).toBeCloseTo(((one?.[i] ?? Number.NaN) + (two?.[i] ?? Number.NaN)) / 2, 6);
    });
    const parents = await Promise.all(['one', 'two'].map((name) => readModelFolder(at(name))));
    expect(manifest.recipe.averageOf).toEqual(parents.map((parent) => parent.version));
    expect(parents.map((parent) => parent.version)).not.toContain(version);
    expect(manifest.data).toContainEqual({ ...DATA, rows: ROWS.length });
    const inference = await openInference(at('average'));
    expect((await inference.run(['refund my card']))[0]?.intents).toHaveLength(TINY_LABELS.intents.length);
    await inference.dispose();
  });

  it('weighs an average by the models that it was made of', async () => {
    await average('one', 'two');
    await build('three', { seed: 3 });
    const { manifest } = await averageModels([at('average'), at('three')], options('again'));
    const versions = await Promise.all(['one', 'two', 'three'].map(async (name) => (await readModelFolder(at(name))).version));
    expect(manifest.recipe.averageOf).toEqual(versions);
    const [one, two, three, mean] = await weightsOf('one', 'two', 'three', 'again');
    mean?.forEach((value, i) => {
      expect(value).toBeCloseTo(((one?.[i] ?? Number.NaN) + (two?.[i] ?? Number.NaN) + (three?.[i] ?? Number.NaN)) / 3, 6);
    });
    await expect(averageModels([at('average'), at('two')], options('again'))).rejects.toThrow('is named twice');
  });

  it.each([
    ['one', 'two models or more', ['one']],
    ['twice the same', 'is named twice', ['one', 'one']],
  ])('is refused of %s', async (_, message, names) => {
    await expect(average(...names)).rejects.toThrow(message);
  });

  it.each([
    ['from another base', 'different bases, tiny and large', { base: { name: 'large', dir: 'base' } }, {}],
    ['with another head', 'their recipes differ in head', {}, { head: 'linear' }],
    ['that reads more', 'they read 16 and 24 tokens', {}, { maxTokens: 24 }],
  ])('is refused with one %s', async (_, message, settings: { base?: { name: string; dir: string } }, recipe) => {
    const base = settings.base && { base: { ...settings.base, dir: at(settings.base.dir) } };
    await build('other', recipe, base);
    await expect(average('one', 'other')).rejects.toThrow(message);
  });

  it('is refused for another taxonomy', async () => {
    const labels = { ...TINY_LABELS, intents: TINY_LABELS.intents.toReversed() };
    await expect(averageModels([at('one'), at('two')], { ...options('average'), labels })).rejects.toThrow('another taxonomy');
  });
});
