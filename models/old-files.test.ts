import { sql } from 'kysely';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { promote, rollback, storedVersions } from '../db/models.ts';
import { createRun, failRun } from '../db/runs.ts';
import { openTestDatabase } from '../db/testing.ts';
import { dropOldFiles } from './old-files.ts';
import { holdFiles } from './registry.ts';

const { db, close } = await openTestDatabase();
afterAll(close);

let team = '';
let teams = 0;
beforeEach(() => {
  team = `T${++teams}`;
});

/** A version with one file of its own and one that every version of the test has. */
async function publish(version: string, { teamId = team, runId = null }: { teamId?: string; runId?: string | null } = {}): Promise<void> {
  await db.insertInto('modelVersions').values({ teamId, version, manifest: '{}', metrics: '{}', runId }).execute();
  for (const [path, sha256] of [
    ['model', `${team}-${version}`],
    ['tokenizer', `${team}-shared`],
  ] as const) {
    await db.insertInto('modelFiles').values({ teamId, version, path, sha256, bytes: 1 }).execute();
    for (const part of [0, 1])
      await db
        .insertInto('modelBlobs')
        .values({ sha256, part, bytes: Buffer.from('x') })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
  }
}
async function goLive(...versions: string[]): Promise<void> {
  for (const version of versions) {
    await publish(version);
    await promote(db, { teamId: team, version, reason: 'better', runId: null, by: 'U1' });
  }
}
const drop = () => dropOldFiles(db, team);
const stored = async () => [...(await storedVersions(db, team))].sort();
const bytes = async () => {
  const rows = await db
    .selectFrom('modelBlobs')
    .select('sha256')
    .distinct()
    .where('sha256', 'like', `${team}-%`)
    .orderBy('sha256')
    .execute();
  return rows.map(({ sha256 }) => sha256.slice(team.length + 1));
};

it('keeps what is live and what five rollbacks would go to, and every row', async () => {
  await goLive('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  expect(await drop()).toEqual(['a', 'b']);
  expect(await stored()).toEqual(['c', 'd', 'e', 'f', 'g', 'h']);
  expect(await bytes()).toEqual(['c', 'd', 'e', 'f', 'g', 'h', 'shared']);
  const rows = await db.selectFrom('modelVersions').select('version').where('teamId', '=', team).execute();
  expect(rows).toHaveLength(8);
  expect(await drop()).toEqual([]);
  for (let i = 0; i < 5; i++) await rollback(db, team, 'U1');
  await expect(rollback(db, team, 'U1')).rejects.toMatchObject({ code: 'not_found' });
});

it('drops what was refused and what was rolled back', async () => {
  await publish('refused');
  await goLive('a', 'b');
  await rollback(db, team, 'U1');
  await goLive('c');
  expect(await drop()).toEqual(['b', 'refused']);
  expect(await bytes()).toEqual(['a', 'c', 'shared']);
});

it('drops all where the starter model is live again', async () => {
  await goLive('a');
  await rollback(db, team, 'U1');
  expect(await drop()).toEqual(['a']);
  expect(await bytes()).toEqual([]);
});

it('spares what a training published and is about to decide on', async () => {
  await goLive('a');
  const { id } = await createRun(db, { teamId: team, requestedBy: 'U1', channelId: 'C1' });
  await publish('new', { runId: id });
  expect(await drop()).toEqual([]);
  await failRun(db, id, 'died');
  expect(await drop()).toEqual(['new']);
});

it('spares the bytes that another team has, and its versions', async () => {
  await publish('a', { teamId: `${team}-other` });
  await publish('a');
  expect(await drop()).toEqual(['a']);
  expect(await bytes()).toEqual(['a', 'shared']);
});

it('waits for who publishes, and spares the bytes that those count on', async () => {
  await publish('old');
  let dropping: Promise<string[]> | undefined;
  await db.transaction().execute(async (trx) => {
    await holdFiles(trx, 'shared');
    dropping = drop();
    const waiting = sql`
      select 1 from pg_locks join pg_database on pg_database.oid = pg_locks.database
      where datname = current_database() and locktype = 'advisory' and not granted`;
    await expect.poll(async () => (await waiting.execute(trx)).rows.length).toBe(1);
    await trx
      .insertInto('modelVersions')
      .values({ teamId: `${team}-other`, version: 'new', manifest: '{}', metrics: '{}', runId: null })
      .execute();
    await trx
      .insertInto('modelFiles')
      .values({ teamId: `${team}-other`, version: 'new', path: 'model', sha256: `${team}-old`, bytes: 1 })
      .execute();
  });
  expect(await dropping).toEqual(['old']);
  expect(await bytes()).toEqual(['old']);
});
