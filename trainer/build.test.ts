import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSet, Row } from '../data/row.ts';
import { openClassifier } from '../models/classifier.ts';
import { type ModelFolder, readModelFolder, SERVED } from '../models/folder.ts';
import type { BuildOptions } from './build.ts';
import { readCheckpoint } from './network/checkpoint.ts';
import { buildTinyModel, TINY_LABELS, writeTinyCheckpoint } from './testing.ts';
import { parseRecipe } from './training/recipe.ts';
import { readState, stateDir } from './training/state.ts';

const labels = TINY_LABELS;
const rows = ['money', 'invoice', 'parcel', 'courier'].flatMap((word, i): Row[] =>
  ['my', 'the', 'again the'].map((opening) =>
    i < 2
      ? { text: `${opening} ${word}`, intent: 'refund', category: 'billing', priority: 'high', source: 'seed' }
      : { text: `${opening} ${word}`, intent: 'parcel', category: 'order', priority: 'low', source: 'seed' },
  ),
);
const corpus: DataSet = { name: 'twelve', rows, sha256: '1'.repeat(64) };
const recipe = parseRecipe({ epochs: 2, batchSize: 8, batchTokens: 64, learningRate: 3e-3, maxTokens: 16 }, 'the test');

let scratch: string;
let base: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-build-'));
  base = path.join(scratch, 'base');
  await writeTinyCheckpoint(
    base,
    rows.map(({ text }) => text),
  );
});
afterAll(() => rm(scratch, { recursive: true }));

const build = (out: string, change: Partial<BuildOptions> = {}): Promise<ModelFolder> =>
  buildTinyModel(base, rows, {
    blend: { train: rows, heldOut: rows.slice(0, 4) },
    data: [corpus],
    recipe,
    ...change,
    out: path.join(scratch, out),
  });
const aborted = () => ({ signal: AbortSignal.abort() });

describe('buildModel', () => {
  it('writes a whole model, says what it came from, and does the same again', async () => {
    const { version, manifest, dir } = await build('whole');
    expect(manifest).toMatchObject({ base: 'tiny', seed: 1, recipe, labels, maxTokens: 16, data: [{ name: 'twelve', rows: 12 }] });
    expect(manifest.temperature.intent).not.toBe(1);
    expect(manifest.decisions?.promises.map(({ precision }) => precision)).toEqual([0.95, 0.98]);
    const written = (await readdir(dir, { recursive: true })).filter((file) => !['onnx', 'manifest.json'].includes(file));
    expect(written.sort()).toEqual(manifest.files.map((file) => file.path).sort());
    expect((await build('again')).version).toBe(version);
    expect((await build('other', { recipe: { ...recipe, seed: 2 } })).version).not.toBe(version);
  });

  it('writes the int8 graph alone where that is asked, which answers as the whole model does and is trained further', async () => {
    const [whole, served] = [await build('whole'), await build('served', { servedOnly: true })];
    expect(served.manifest.files.map((file) => file.path).sort()).toEqual([
      'config.json',
      SERVED,
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const answersOf = async (dir: string) => {
      const classifier = await openClassifier(dir);
      const answers = await classifier.classify(rows.map(({ text }) => text));
      await classifier.dispose();
      return answers.map(({ model: _, ...answer }) => answer);
    };
    expect(await answersOf(served.dir)).toEqual(await answersOf(whole.dir));

    // Opened as a checkpoint it has the weights of the whole model, each within half a step of its 7 bits.
    const [exact, rounded] = [await readCheckpoint(whole.dir, recipe), await readCheckpoint(served.dir, recipe)];
    expect([...rounded.weights.keys()].sort()).toEqual([...exact.weights.keys()].sort());
    for (const [name, { shape, values }] of exact.weights) {
      const other = rounded.weights.get(name);
      expect(other?.shape, name).toEqual(shape);
      const step = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / 63;
      const worst = values.reduce((gap, value, i) => Math.max(gap, Math.abs(value - (other?.values[i] ?? Number.NaN))), 0);
      expect(worst, name).toBeLessThanOrEqual(step / 2 + 1e-6);
    }
    const further = await build('further', { base: { name: 'served', dir: served.dir }, servedOnly: true });
    expect(further.manifest.base).toBe('served');
    expect(further.version).not.toBe(served.version);
  });

  it('replaces a model, even the one that it trains further', async () => {
    const first = await build('model', { servedOnly: true });
    await writeFile(path.join(first.dir, 'stale.txt'), '');
    const second = await build('model', { base: { name: 'model', dir: first.dir } });
    expect(await readModelFolder(first.dir)).toMatchObject({ version: second.version, manifest: { base: 'model' } });
    expect(await readdir(first.dir)).not.toContain('stale.txt');
  });

  it('goes on with a training that was stopped, to the same model, and keeps it no longer', async () => {
    const { version } = await build('whole');
    const out = path.join('resumed', 'model');
    const dir = stateDir(path.join(scratch, out));
    const keep = { command: 'go on', onTrouble: (error: unknown) => expect.fail(String(error)) };
    await expect(build(out, { ...aborted(), keep })).rejects.toMatchObject({ code: 'interrupted' });
    await expect(build(out, { keep })).rejects.toMatchObject({
      code: 'bad_usage',
      message: expect.stringContaining('Go on with\n  go on'),
    });
    const from = await readState(dir);
    const resumed = await build(out, { keep: { ...keep, from } });
    expect([resumed.version, await readdir(path.dirname(dir))]).toEqual([version, ['model']]);
    expect(resumed.manifest.recipe).toEqual(recipe);
  });

  it('tells of a learning rate that was lowered on the way', async () => {
    const out = path.join('lowered', 'model');
    const keep = { command: 'go on', onTrouble: (error: unknown) => expect.fail(String(error)) };
    await expect(build(out, { ...aborted(), keep })).rejects.toMatchObject({ code: 'interrupted' });
    const from = await readState(stateDir(path.join(scratch, out)));
    const lower = { ...recipe, learningRate: 1e-3 };
    const { manifest } = await build(out, { recipe: lower, keep: { ...keep, from } });
    expect(manifest.recipe).toEqual({ ...lower, earlierRates: [{ until: 1, learningRate: recipe.learningRate }] });
  });

  it.each<[string, () => Partial<BuildOptions>, string]>([
    ['another recipe', () => ({ recipe: { ...recipe, clip: 2 } }), 'the recipe: clip was 1 and is 2'],
    ['other data', () => ({ data: [{ ...corpus, sha256: '2'.repeat(64) }] }), 'the data: twelve was 12 rows (1111'],
    ['other labels', () => ({ labels: { ...labels, priorities: labels.priorities.toReversed() } }), 'the labels: data/taxonomy.json'],
    ['another base', () => ({ base: { name: 'other', dir: path.join(scratch, 'whole') } }), 'the base: it was tiny ('],
    [
      'other rows by a change of the code',
      () => ({ blend: { train: rows.slice(1), heldOut: [] } }),
      'other examples of the same data (12, now 11)',
    ],
  ])('does not go on with %s, and keeps what there is', async (what, change, message) => {
    const out = path.join('refused', what, 'model');
    const dir = stateDir(path.join(scratch, out));
    const keep = { command: 'go on', onTrouble: (error: unknown) => expect.fail(String(error)) };
    await expect(build(out, { ...aborted(), keep })).rejects.toMatchObject({ code: 'interrupted' });
    const from = await readState(dir);
    const refused = build(out, { ...change(), keep: { ...keep, from } });
    await expect(refused).rejects.toMatchObject({ code: 'bad_usage', message: expect.stringContaining(message) });
    expect(await readState(dir)).toEqual(from);
  });

  it.each<[string, Partial<BuildOptions>, string]>([
    ['when it is stopped', aborted(), 'interrupted'],
    ['when the loss is no number', { recipe: { ...recipe, learningRate: 1e30, epochs: 20 } }, 'job_failed'],
    ['when there is nothing to train on', { blend: { train: [], heldOut: [] } }, 'bad_data'],
    ['when every source counts nothing', { recipe: { ...recipe, sourceWeights: { ...recipe.sourceWeights, seed: 0 } } }, 'bad_data'],
    ['when a label is unknown', { blend: { train: [{ text: 'a', category: 'sales', source: 'seed' }], heldOut: [] } }, 'bad_data'],
    ['when the model is written already, and a label held out is unknown', heldOut({ priority: 'p1' }), 'bad_data'],
    ['when there is no base', { base: { name: 'none', dir: tmpdir() } }, 'bad_model'],
  ])('leaves what stood there whole, and nothing beside it, %s', async (_, change, code) => {
    const out = path.join('kept', 'model');
    const { version, dir } = await build(out);
    await expect(build(out, change)).rejects.toMatchObject({ code });
    expect(await readdir(path.dirname(dir))).toEqual(['model']);
    expect((await readModelFolder(dir)).version).toBe(version);
  });

  it('leaves nothing where nothing stood', async () => {
    await mkdir(path.join(scratch, 'empty'));
    await expect(build(path.join('empty', 'model'), aborted())).rejects.toMatchObject({ code: 'interrupted' });
    expect(await readdir(path.join(scratch, 'empty'))).toEqual([]);
  });

  it('replaces no folder that is no model, and does not train for it first', async () => {
    const dir = path.join(scratch, 'thesis');
    await mkdir(dir);
    await writeFile(path.join(dir, 'thesis.txt'), 'years of work');
    let steps = 0;
    const refused = build('thesis', { onProgress: () => (steps += 1) });
    await expect(refused).rejects.toMatchObject({ code: 'bad_usage', message: expect.stringContaining('is no model') });
    expect([steps, await readFile(path.join(dir, 'thesis.txt'), 'utf8')]).toEqual([0, 'years of work']);
  });
});

function heldOut(label: Partial<Row>): Partial<BuildOptions> {
  return { blend: { train: rows, heldOut: [{ text: 'the parcel', source: 'seed', ...label }] } };
}
