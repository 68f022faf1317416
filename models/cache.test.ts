import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { promote, rollback } from '../db/models.ts';
import { openTestDatabase } from '../db/testing.ts';
import { deleteRested, markUsed, tidyCache } from './cache.ts';

const { db, close } = await openTestDatabase();
const root = await mkdtemp(path.join(tmpdir(), 'ticketwise-cache-'));
afterAll(async () => {
  await rm(root, { recursive: true });
  await close();
});

const HOUR = 3_600_000;
let caches = 0;
let cache = '';
beforeEach(() => {
  cache = path.join(root, `cache-${++caches}`);
});

/** An entry of the cache that was asked for so long ago. */
async function add(name: string, hours: number): Promise<string> {
  const dir = path.join(cache, name);
  await mkdir(path.join(dir, 'onnx'), { recursive: true });
  await writeFile(path.join(dir, 'onnx', 'model.onnx'), name);
  const used = new Date(Date.now() - hours * HOUR);
  await utimes(dir, used, used);
  return dir;
}

it.each([
  ['is kept, however old', 'kept', 1000, true],
  ['was asked for lately', 'other', 23, true],
  ['rested for a day', 'other', 25, false],
  ['was half fetched a day ago', '.other-a1b2c3', 25, false],
  ['is being fetched', '.other-a1b2c3', 0, true],
])('a model that %s', async (_, name, hours, stays) => {
  await add(name, hours);
  await deleteRested(cache, ['kept']);
  expect(await readdir(cache)).toEqual(stays ? [name] : []);
});

it('a model that is asked for again rests anew', async () => {
  await markUsed(await add('other', 25));
  await deleteRested(cache, []);
  expect(await readdir(cache)).toEqual(['other']);
});

it('a model or a cache that is not there is no trouble', async () => {
  await markUsed(path.join(cache, 'other'));
  await deleteRested(cache, []);
  await expect(readdir(cache)).rejects.toThrow('ENOENT');
});

it('several processes clear the same cache', async () => {
  for (const name of ['a', 'b', 'c', 'kept']) await add(name, 25);
  await Promise.all(Array.from({ length: 4 }, () => deleteRested(cache, ['kept'])));
  expect(await readdir(cache)).toEqual(['kept']);
});

it('keeps what a team serves and would go back to first', async () => {
  const teamId = 'T1';
  for (const version of ['a', 'b', 'c']) {
    await db.insertInto('modelVersions').values({ teamId, version, manifest: '{}', metrics: '{}', runId: null }).execute();
    await db.insertInto('modelFiles').values({ teamId, version, path: 'model', sha256: version, bytes: 1 }).execute();
    await promote(db, { teamId, version, reason: 'better', runId: null, by: 'U1' });
  }
  for (const name of ['a', 'b', 'c']) await add(name, 25);
  await tidyCache(db, teamId, cache);
  expect((await readdir(cache)).sort()).toEqual(['b', 'c']);
  await rollback(db, teamId, 'U1');
  await add('a', 25);
  await tidyCache(db, teamId, cache);
  expect((await readdir(cache)).sort()).toEqual(['a', 'b']);
});
