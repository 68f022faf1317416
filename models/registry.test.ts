import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase } from '../db/testing.ts';
import { describeFiles, isServing, type ModelFolder, readModelFolder, SERVED, WEIGHTS, writeManifest } from './folder.ts';
import { fetchModel, noteModel, publishModel } from './registry.ts';

const { db, close } = await openTestDatabase();
const root = await mkdtemp(path.join(tmpdir(), 'ticketwise-registry-'));
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
  await close();
});

const everything = () => true;
/** More than two parts, and not a whole number of them. */
const large = randomBytes(5_000_001);

/** A model folder with these weights; what is served, and an empty file, are in every one. */
async function writeFolder(weights: Buffer): Promise<ModelFolder> {
  const dir = await mkdtemp(path.join(root, 'trained-'));
  await mkdir(path.join(dir, 'onnx'));
  const contents = { [SERVED]: large, [WEIGHTS]: weights, 'config.json': Buffer.from('{}'), 'notes.txt': Buffer.alloc(0) };
  for (const [file, bytes] of Object.entries(contents)) await writeFile(path.join(dir, file), bytes);
  const label = (id: string) => ({ id, name: id, description: '', emoji: id });
  await writeManifest(dir, {
    format: 1,
    createdAt: '2025-01-01T00:00:00Z',
    base: 'tiny',
    commit: null,
    machine: 'test',
    seed: 1,
    recipe: { zeta: 1, a: [2e-4, 0.1] },
    data: [],
    maxTokens: 16,
    temperature: { intent: 1.25, priority: 0.1 + 0.2 },
    labels: {
      categories: [label('zebra'), label('a')],
      priorities: [label('low'), label('high')],
      intents: [{ id: 'chatter', category: null, priority: 'low' }],
    },
    metrics: { test: { accuracy: 0.93 } },
    files: await describeFiles(dir, Object.keys(contents)),
  });
  return readModelFolder(dir);
}

let team = '';
let teams = 0;
let cache = '';
let folder: ModelFolder;
beforeEach(async () => {
  team = `T${++teams}`;
  cache = path.join(root, `cache-${teams}`);
  folder = await writeFolder(randomBytes(1000));
});

const count = async (table: 'modelBlobs' | 'modelFiles' | 'modelVersions') =>
  (await db.selectFrom(table).select(db.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n;
const counts = () => Promise.all([count('modelVersions'), count('modelFiles'), count('modelBlobs')]);
const blob = (file: string) => {
  const sha256 = folder.manifest.files.find(({ path }) => path === file)?.sha256 ?? '';
  return { sha256, delete: () => db.deleteFrom('modelBlobs').where('sha256', '=', sha256).where('part', '=', 0).execute() };
};

describe('a published model', () => {
  it('comes back byte for byte', async () => {
    await publishModel(db, team, folder, null);
    const dir = await fetchModel(db, team, folder.version, cache, everything);
    expect(dir).toBe(path.join(cache, folder.version));
    const fetched = await readModelFolder(dir);
    expect(fetched).toEqual({ ...folder, dir });
    for (const { path: file } of folder.manifest.files)
      expect((await readFile(path.join(dir, file))).equals(await readFile(path.join(folder.dir, file)))).toBe(true);
    expect(await readdir(cache)).toEqual([folder.version]);
  });

  it('is stored once when it is published twice, or by two at once', async () => {
    await Promise.all([publishModel(db, team, folder, null), publishModel(db, team, folder, null)]);
    const before = await counts();
    await publishModel(db, team, folder, null);
    expect(await counts()).toEqual(before);
  });

  it('shares the bytes that another version, or another team, has too', async () => {
    await publishModel(db, team, folder, null);
    const [versions, files, blobs] = await counts();
    await publishModel(db, team, await writeFolder(randomBytes(1000)), null);
    await publishModel(db, `${team}-other`, folder, null);
    expect(await counts()).toEqual([versions + 2, files + 8, blobs + 1]);
  });

  it('whose files were dropped says so, and gets them back when it is published again', async () => {
    await publishModel(db, team, folder, null);
    await db.deleteFrom('modelFiles').where('teamId', '=', team).execute();
    const fetching = fetchModel(db, team, folder.version, cache, everything);
    await expect(fetching).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('were dropped') });
    await publishModel(db, team, folder, null);
    await expect(fetchModel(db, team, folder.version, cache, everything)).resolves.toBe(path.join(cache, folder.version));
  });

  it('that was only noted has a row and no bytes', async () => {
    const [versions, files, blobs] = await counts();
    await noteModel(db, team, folder, null);
    expect(await counts()).toEqual([versions + 1, files, blobs]);
  });

  it('belongs to its team', async () => {
    await publishModel(db, team, folder, null);
    await expect(fetchModel(db, 'T-other', folder.version, cache, everything)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is all there or not at all: a file that changed meanwhile leaves nothing', async () => {
    const before = await counts();
    await writeFile(path.join(folder.dir, WEIGHTS), randomBytes(1000));
    await expect(publishModel(db, team, folder, null)).rejects.toMatchObject({ code: 'bad_model' });
    expect(await counts()).toEqual(before);
  });
});

describe('a fetched model', () => {
  it('has the files that were wanted, and gets the others when they are', async () => {
    await publishModel(db, team, folder, null);
    const dir = await fetchModel(db, team, folder.version, cache, isServing);
    expect((await readdir(dir)).sort()).toEqual(['config.json', 'manifest.json', 'onnx']);
    await fetchModel(db, team, folder.version, cache, everything);
    await expect(readModelFolder(dir)).resolves.toMatchObject({ version: folder.version });
  });

  it('is not fetched again', async () => {
    await publishModel(db, team, folder, null);
    const dir = await fetchModel(db, team, folder.version, cache, everything);
    await db.deleteFrom('modelVersions').where('teamId', '=', team).execute();
    expect(await fetchModel(db, team, folder.version, cache, everything)).toBe(dir);
  });

  it('is fetched by four processes at once', async () => {
    await publishModel(db, team, folder, null);
    await Promise.all(Array.from({ length: 4 }, () => fetchModel(db, team, folder.version, cache, everything)));
    await expect(readModelFolder(path.join(cache, folder.version))).resolves.toMatchObject({ version: folder.version });
    expect(await readdir(cache)).toEqual([folder.version]);
  });

  it('is repaired when the cached copy is damaged', async () => {
    await publishModel(db, team, folder, null);
    const dir = await fetchModel(db, team, folder.version, cache, everything);
    await writeFile(path.join(dir, SERVED), 'damaged');
    await rm(path.join(dir, 'config.json'));
    await fetchModel(db, team, folder.version, cache, everything);
    await expect(readModelFolder(dir)).resolves.toMatchObject({ version: folder.version });
  });

  const damages: { name: string; damage: () => Promise<unknown>; says: string }[] = [
    {
      name: 'a byte of it changed',
      damage: () =>
        db
          .updateTable('modelBlobs')
          .set({ bytes: randomBytes(1000) })
          .where('sha256', '=', blob(WEIGHTS).sha256)
          .execute(),
      says: `${WEIGHTS} has SHA-256`,
    },
    { name: 'a part of it is missing', damage: () => blob(WEIGHTS).delete(), says: `part 0 of ${WEIGHTS} is missing` },
    {
      name: 'its manifest was altered',
      damage: () => {
        const manifest = JSON.stringify({ ...folder.manifest, maxTokens: 32 });
        return db.updateTable('modelVersions').set({ manifest }).where('teamId', '=', team).execute();
      },
      says: 'its manifest is not the one that was published',
    },
  ];
  it.each(damages)('is refused when $name in the registry, and leaves nothing behind', async ({ damage, says }) => {
    await publishModel(db, team, folder, null);
    await damage();
    await expect(fetchModel(db, team, folder.version, cache, everything)).rejects.toMatchObject({
      code: 'bad_model',
      message: expect.stringContaining(says),
    });
    expect(await readdir(cache).catch(() => [])).toEqual([]);
  });
});
