import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Db } from '../db/database.ts';
import { liveVersion, rollbackTargets } from '../db/models.ts';

/** How long a cached model rests before it is deleted, in ms: one that was asked for since may be about to be opened. */
const REST = 24 * 60 * 60 * 1000;

/**
 * Deletes from a cache of models what a team neither serves nor would go back to first. What it misses later is fetched
 * again, so other teams and processes may share the cache.
 */
export async function tidyCache(db: Db, teamId: string, cacheDir: string): Promise<void> {
  const versions = [await liveVersion(db, teamId), ...(await rollbackTargets(db, teamId, 1))];
  await deleteRested(
    cacheDir,
    versions.filter((version) => version != null),
  );
}

/**
 * Deletes the entries of a cache, half-fetched ones too, that were not asked for since a day, but for those to keep. An entry
 * loses its name before its files, so that nobody opens half of one.
 * @param now ms since 1970
 */
export async function deleteRested(cacheDir: string, keep: readonly string[], now = Date.now()): Promise<void> {
  const names = await readdir(cacheDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((one) => !keep.includes(one))) {
    const entry = path.join(cacheDir, name);
    const used = await stat(entry).catch(ignoreMissing);
    if (used === undefined || now - used.mtimeMs < REST) continue;
    const nameless = path.join(cacheDir, `.${randomUUID()}`);
    const mine = await rename(entry, nameless).then(() => true, ignoreMissing);
    if (mine === true) await rm(nameless, { recursive: true });
  }
}

/** Notes that a cached model is asked for, where there is one and it is this user's. */
export async function markUsed(dir: string): Promise<void> {
  const now = new Date();
  await utimes(dir, now, now).catch(() => {});
}

/** Another process may have deleted it. */
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
