import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeFiles, isServing, readModelFolder, SERVED, sha256File, WEIGHTS, writeManifest } from './folder.ts';
import { type Manifest, versionOf } from './manifest.ts';
import { shipModel } from './ship.ts';

let root: string;
let dir: string;
let manifest: Manifest;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ticketwise-folder-'));
  dir = path.join(root, 'model');
  manifest = await writeModel(dir, 'graph');
});
afterEach(() => rm(root, { recursive: true }));

/** A model folder whose files are no network: what reads and copies folders does not look into them. */
async function writeModel(to: string, graph: string): Promise<Manifest> {
  await mkdir(path.join(to, 'onnx'), { recursive: true });
  const contents = { [SERVED]: graph, [WEIGHTS]: 'weights', 'config.json': '{}', 'vocab.txt': 'a\n' };
  for (const [file, content] of Object.entries(contents)) await writeFile(path.join(to, file), content);
  const label = (id: string) => ({ id, name: id, description: '', emoji: id });
  const written: Manifest = {
    format: 1,
    createdAt: '2025-01-01T00:00:00Z',
    base: 'tiny',
    commit: null,
    machine: 'test',
    seed: 1,
    recipe: { epochs: 1 },
    data: [{ name: 'seed/train', rows: 1, sha256: '0'.repeat(64) }],
    maxTokens: 16,
    temperature: { intent: 1, priority: 1 },
    labels: {
      categories: [label('a'), label('b')],
      priorities: [label('low'), label('high')],
      intents: [{ id: 'chatter', category: null, priority: 'low' }],
    },
    metrics: {},
    files: await describeFiles(to, Object.keys(contents)),
  };
  await writeManifest(to, written);
  return written;
}

describe('readModelFolder', () => {
  it('reads what was written', async () => {
    expect(await readModelFolder(dir)).toEqual({ dir, version: versionOf(manifest), manifest });
  });

  it('hashes files as SHA-256 does', async () => {
    await writeFile(path.join(root, 'abc'), 'abc');
    expect(await sha256File(path.join(root, 'abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['no manifest', () => rm(path.join(dir, 'manifest.json')), 'is no model folder'],
    ['half a manifest', () => truncate(path.join(dir, 'manifest.json'), 40), 'manifest.json is not JSON'],
    ['another format', () => edit({ format: 2 }), 'manifest.json is not a manifest'],
    ['an unknown key', () => edit({ colour: 'blue' }), 'colour'],
    ['a file outside the folder', () => edit({ files: [{ ...manifest.files[0], path: '../x' }] }), 'files'],
    ['a file by its whole path', () => edit({ files: [{ ...manifest.files[0], path: '/etc/passwd' }] }), 'files'],
    ['a file too few', () => rm(path.join(dir, WEIGHTS)), `${WEIGHTS} is missing`],
    ['a file cut short', () => truncate(path.join(dir, SERVED), 4), `${SERVED} has 4 bytes, the manifest says 5`],
    ['a file that grew', () => appendFile(path.join(dir, SERVED), '!'), `${SERVED} has 6 bytes, the manifest says 5`],
    ['another file of its size', () => writeFile(path.join(dir, SERVED), 'grape'), `${SERVED} has SHA-256 `],
  ])('refuses a folder with %s', async (_, damage, what) => {
    await damage();
    await expect(readModelFolder(dir)).rejects.toMatchObject({ code: 'bad_model', message: expect.stringContaining(what) });
  });

  it('looks only at the files that are wanted', async () => {
    await rm(path.join(dir, WEIGHTS));
    expect((await readModelFolder(dir, isServing)).version).toBe(versionOf(manifest));
  });
});

describe('versionOf', () => {
  it('of a model from before there were decisions is what it was', () => {
    expect(versionOf({ ...manifest, files: [] })).toBe('236dbb752510');
  });

  it.each<[string, () => Partial<Manifest>]>([
    ['metrics', () => ({ metrics: { accuracy: 1 } })],
    ['the day and the machine', () => ({ createdAt: '2026-01-01T00:00:00Z', machine: 'another', commit: 'abc' })],
    ['the order of files', () => ({ files: manifest.files.toReversed() })],
  ])('stays with other %s', (_, change) => {
    expect(versionOf({ ...manifest, ...change() })).toBe(versionOf(manifest));
  });

  it.each<[string, () => Partial<Manifest>]>([
    ['a file', () => ({ files: manifest.files.slice(1) })],
    ['the calibration', () => ({ temperature: { intent: 1, priority: 2 } })],
    ['the decisions', () => ({ decisions: { promises: [] } })],
    ['the length', () => ({ maxTokens: 17 })],
    ['the labels', () => ({ labels: { ...manifest.labels, categories: manifest.labels.categories.toReversed() } })],
  ])('changes with %s', (_, change) => {
    expect(versionOf({ ...manifest, ...change() })).not.toBe(versionOf(manifest));
  });

  it('does not depend on the order of keys in the file', async () => {
    const reversed = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .toReversed()
              .map(([key, inner]) => [key, reversed(inner)]),
          );
    await writeFile(path.join(dir, 'manifest.json'), JSON.stringify(reversed(manifest)));
    expect((await readModelFolder(dir)).version).toBe(versionOf(manifest));
  });
});

describe('shipModel', () => {
  it('copies what bots serve, and nothing else', async () => {
    const to = path.join(root, 'new', 'starter');
    const shipped = await shipModel(dir, to);
    expect((await readdir(to, { recursive: true })).sort()).toEqual(['config.json', 'manifest.json', 'onnx', SERVED]);
    expect(shipped.manifest).toEqual({ ...manifest, files: manifest.files.filter(({ path: file }) => isServing(file)) });
    expect(await readModelFolder(dir)).toMatchObject({ manifest });
    expect((await readdir(path.join(root, 'new'))).sort()).toEqual(['starter']);
  });

  it.each(['replaces a model', 'replaces the model itself', 'fills an empty folder'])('%s', async (what) => {
    const to = what === 'replaces the model itself' ? dir : path.join(root, 'there');
    if (what === 'replaces a model') {
      await writeModel(to, 'older');
      await writeFile(path.join(to, 'stale.txt'), '');
    } else await mkdir(to, { recursive: true });
    await shipModel(dir, to);
    expect(await readFile(path.join(to, SERVED), 'utf8')).toBe('graph');
    expect((await readdir(to)).sort()).toEqual(['config.json', 'manifest.json', 'onnx']);
  });

  it('replaces nothing that is no model', async () => {
    const to = path.join(root, 'thesis');
    await mkdir(to);
    await writeFile(path.join(to, 'thesis.txt'), 'years of work');
    for (const target of [to, path.join(to, 'thesis.txt')])
      await expect(shipModel(dir, target)).rejects.toMatchObject({ code: 'bad_usage', message: expect.stringContaining('is no model') });
    expect(await readFile(path.join(to, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('leaves what stands there when the source is damaged', async () => {
    const to = path.join(root, 'there');
    const old = await writeModel(to, 'older');
    await writeFile(path.join(dir, SERVED), 'grape');
    await expect(shipModel(dir, to)).rejects.toMatchObject({ code: 'bad_model' });
    expect(await readModelFolder(to)).toMatchObject({ version: versionOf(old) });
    expect((await readdir(root)).sort()).toEqual(['model', 'there']);
  });
});

async function edit(change: object): Promise<void> {
  await writeFile(path.join(dir, 'manifest.json'), JSON.stringify({ ...manifest, ...change }));
}
