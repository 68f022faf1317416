import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { sql, type Transaction } from 'kysely';
import { type Db, inTransaction } from '../db/database.ts';
import { storedVersions } from '../db/models.ts';
import type { Database } from '../db/tables.ts';
import { TicketwiseError } from '../errors.ts';
import { markUsed } from './cache.ts';
import { type ModelFolder, readModelFolder, writeManifest } from './folder.ts';
import { type Manifest, manifestSchema, versionOf } from './manifest.ts';

/** Bytes of a file that travel at once, 2 MiB: no process ever holds a whole model for the registry's sake. */
const PART = 2 << 20;

type ModelFile = Manifest['files'][number];

/**
 * Puts a model folder into the registry: all of it or nothing. Bytes that are there already, from another version or another
 * team, are not sent again; publishing a version twice changes nothing.
 * @param runId the training run that made it, null when it came by hand
 * @throws `bad_model` when a file changed since the folder was read
 */
export async function publishModel(db: Db, teamId: string, folder: ModelFolder, runId: string | null): Promise<void> {
  const { dir, version, manifest } = folder;
  await inTransaction(db, async (trx) => {
    await holdFiles(trx, 'shared');
    await noteModel(trx, teamId, folder, runId);
    // In one order, so that two processes that publish the same files wait for each other instead of locking each other out.
    for (const file of manifest.files.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1))) {
      await uploadBlob(trx, path.join(dir, file.path), file);
      await trx
        .insertInto('modelFiles')
        .values({ teamId, version, ...file })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
}

/** Notes a model with its manifest and figures, without its files: one that does not go live needs none. */
export async function noteModel(db: Db, teamId: string, { version, manifest }: ModelFolder, runId: string | null): Promise<void> {
  await db
    .insertInto('modelVersions')
    .values({ teamId, version, manifest: JSON.stringify(manifest), metrics: JSON.stringify(manifest.metrics), runId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Keeps files from being dropped (`shared`), or others from relying on them (`exclusive`), until the transaction ends: a
 * publisher counts on bytes that are there already.
 */
export async function holdFiles(trx: Transaction<Database>, how: 'shared' | 'exclusive'): Promise<void> {
  const lock = sql.raw(how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock');
  await sql`select ${lock}(hashtextextended('ticketwise_model_files', 0))`.execute(trx);
}

/**
 * Brings the wanted files of a published model into `cacheDir/<version>`, where they stay for the next time. Each file is
 * checked before it gets its name, so that other processes may use the same cache at the same time.
 * @param want which paths of the manifest are needed
 * @returns the model folder
 * @throws `not_found` when the team has no such version or its files were dropped, `bad_model` when the registry's copy is damaged
 */
export async function fetchModel(
  db: Db,
  teamId: string,
  version: string,
  cacheDir: string,
  want: (path: string) => boolean,
): Promise<string> {
  const dir = path.join(cacheDir, version);
  await markUsed(dir); // before it is looked at: what was deleted until then is fetched again
  if (await isWhole(dir, want)) return dir;
  const manifest = await fetchManifest(db, teamId, version);
  await mkdir(cacheDir, { recursive: true });
  const fresh = await mkdtemp(path.join(cacheDir, `.${version}-`));
  try {
    const files = manifest.files.filter((file) => want(file.path));
    for (const file of files) await downloadBlob(db, path.join(fresh, file.path), file, version);
    await writeManifest(fresh, manifest);
    // The manifest last: a folder that has one has its files.
    for (const file of [...files.map((f) => f.path), 'manifest.json']) {
      await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
      await rename(path.join(fresh, file), path.join(dir, file));
    }
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return dir;
}

async function isWhole(dir: string, want: (path: string) => boolean): Promise<boolean> {
  return readModelFolder(dir, want).then(
    () => true,
    () => false,
  );
}

async function fetchManifest(db: Db, teamId: string, version: string): Promise<Manifest> {
  const row = await db
    .selectFrom('modelVersions')
    .select('manifest')
    .where('teamId', '=', teamId)
    .where('version', '=', version)
    .executeTakeFirst();
  if (!row)
    throw new TicketwiseError(
      'not_found',
      `Model ${version} is not in the registry of workspace ${teamId}. Publish it, or go back to another.`,
    );
  const parsed = manifestSchema.safeParse(row.manifest);
  if (!parsed.success || versionOf(parsed.data) !== version)
    throw damaged(version, 'its manifest is not the one that was published', parsed.error);
  if (!(await storedVersions(db, teamId)).has(version))
    throw new TicketwiseError(
      'not_found',
      `The files of model ${version} were dropped from the registry of workspace ${teamId}, which keeps those of the live model and of the last before it. Go back to another, or train a new one.`,
    );
  return parsed.data;
}

async function uploadBlob(trx: Transaction<Database>, from: string, file: ModelFile): Promise<void> {
  const there = await trx.selectFrom('modelBlobs').select('part').where('sha256', '=', file.sha256).limit(1).executeTakeFirst();
  if (there) return;
  const hash = createHash('sha256');
  let part = 0;
  for await (const bytes of parts(from)) {
    hash.update(bytes);
    await trx
      .insertInto('modelBlobs')
      .values({ sha256: file.sha256, part: part++, bytes })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  if (hash.digest('hex') !== file.sha256)
    throw new TicketwiseError(
      'bad_model',
      `${from} is not the file that its manifest lists. Nothing was published; train or fetch the model again.`,
    );
}

/** A file's bytes, {@link PART} at a time. */
function parts(file: string): AsyncIterable<Buffer> {
  return createReadStream(file, { highWaterMark: PART });
}

async function downloadBlob(db: Db, to: string, file: ModelFile, version: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  const hash = createHash('sha256');
  const target = await open(to, 'wx');
  try {
    for (let part = 0, size = 0; size < file.bytes; part++) {
      const row = await db
        .selectFrom('modelBlobs')
        .select('bytes')
        .where('sha256', '=', file.sha256)
        .where('part', '=', part)
        .executeTakeFirst();
      if (!row) throw damaged(version, `part ${part} of ${file.path} is missing`);
      hash.update(row.bytes);
      size += row.bytes.length;
      await target.appendFile(row.bytes);
    }
  } finally {
    await target.close();
  }
  const found = hash.digest('hex');
  if (found !== file.sha256)
    throw damaged(version, `${file.path} has SHA-256 ${found.slice(0, 12)}…, the manifest says ${file.sha256.slice(0, 12)}…`);
}

function damaged(version: string, what: string, cause?: unknown): TicketwiseError {
  return new TicketwiseError(
    'bad_model',
    `The registry's copy of model ${version} is damaged: ${what}. It is not used; publish the model again under a new training, or restore the database.`,
    { cause },
  );
}
