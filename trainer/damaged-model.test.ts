import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../data/row.ts';
import { openClassifier } from '../models/classifier.ts';
import { describeFiles, type ModelFolder, SERVED, writeManifest } from '../models/folder.ts';
import type { Manifest } from '../models/manifest.ts';
import { readCheckpoint } from './network/checkpoint.ts';
import { buildTinyModel, TINY_LABELS, writeTinyCheckpoint } from './testing.ts';
import { DEFAULT_RECIPE } from './training/recipe.ts';

const rows = ['refund', 'parcel'].map((intent): Row => ({ text: `my ${intent}`, intent, source: 'seed' }));

let scratch: string;
let whole: ModelFolder;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-damaged-'));
  const base = path.join(scratch, 'base');
  await writeTinyCheckpoint(
    base,
    rows.map(({ text }) => text),
  );
  whole = await buildTinyModel(base, rows, { blend: { train: rows, heldOut: [] }, out: path.join(scratch, 'whole') });
});
afterAll(() => rm(scratch, { recursive: true }));

/** A copy of the model whose manifest agrees with whatever was done to its files. */
async function changed(name: string, damage: (file: string) => Promise<unknown>, change: Partial<Manifest> = {}): Promise<string> {
  const dir = path.join(scratch, name.replaceAll(' ', '-'));
  await cp(whole.dir, dir, { recursive: true });
  await damage(path.join(dir, SERVED));
  const files = await describeFiles(
    dir,
    whole.manifest.files.map((file) => file.path),
  );
  await writeManifest(dir, { ...whole.manifest, ...change, files });
  return dir;
}

const untouched = async () => {};
const { categories, intents, priorities } = TINY_LABELS;

describe('a model that was written wrong is refused when it is opened', () => {
  it.each<[string, (file: string) => Promise<unknown>, Partial<Manifest>, string]>([
    ['half a graph', async (file) => truncate(file, Math.floor((await readFile(file)).length / 2)), {}, 'cannot be loaded'],
    ['no byte of a graph', (file) => truncate(file, 0), {}, 'cannot be loaded'],
    ['no graph at all', (file) => writeFile(file, '<!DOCTYPE html>'), {}, 'cannot be loaded'],
    ['an intent too many', untouched, { labels: { categories, intents: [...intents, ...intents], priorities } }, 'no output intent_logits'],
    ['a priority too few', untouched, { labels: { categories, intents, priorities: priorities.slice(1) } }, 'no output priority_logits'],
  ])('with %s', async (name, damage, change, message) => {
    const dir = await changed(name, damage, change);
    await expect(openClassifier(dir)).rejects.toMatchObject({ code: 'bad_model', message: expect.stringContaining(message) });
  });
});

describe('a model that is trained further', () => {
  const headsOf = async (dir: string, labels = TINY_LABELS) =>
    [...(await readCheckpoint(dir, DEFAULT_RECIPE, labels)).weights.keys()].filter((name) => name.includes('_head.')).length;

  it('keeps its heads for the labels that it knows', async () => {
    expect(await headsOf(whole.dir)).toBeGreaterThan(0);
  });

  it.each([
    ['other intents', { ...TINY_LABELS, intents: intents.map((intent) => ({ ...intent, id: `${intent.id}s` })) }],
    ['its intents in another order', { ...TINY_LABELS, intents: intents.toReversed() }],
    ['its priorities in another order', { ...TINY_LABELS, priorities: priorities.toReversed() }],
  ])('leaves them for %s, as many as they are', async (_, labels) => {
    expect(await headsOf(whole.dir, labels)).toBe(0);
  });

  it('is refused when its manifest is damaged', async () => {
    const dir = await changed('half a manifest', untouched);
    await truncate(path.join(dir, 'manifest.json'), 40);
    await expect(readCheckpoint(dir, DEFAULT_RECIPE, TINY_LABELS)).rejects.toMatchObject({
      code: 'bad_model',
      message: expect.stringContaining('manifest.json is not JSON'),
    });
  });
});
