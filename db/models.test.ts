import { sql } from 'kysely';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { listenForLive } from './live-listener.ts';
import { listPromotions, liveVersion, promote, rollback, rollbackTargets } from './models.ts';
import { createRun } from './runs.ts';
import { openTestDatabase } from './testing.ts';

const { db, url, close } = await openTestDatabase();
afterAll(close);

let team = '';
let teams = 0;
beforeEach(async () => {
  team = `T${++teams}`;
  for (const version of ['a', 'b', 'c']) {
    await db.insertInto('modelVersions').values({ teamId: team, version, manifest: '{}', metrics: '{}', runId: null }).execute();
    await db.insertInto('modelFiles').values({ teamId: team, version, path: 'model', sha256: version, bytes: 1 }).execute();
  }
});

const put = (version: string, runId: string | null = null) => promote(db, { teamId: team, version, reason: 'better', runId, by: 'U1' });
const back = () => rollback(db, team, 'U1');
const listeners = () =>
  sql<{ pid: number }>`select pid from pg_stat_activity where datname = current_database() and query like 'listen %'`.execute(db);
const live = () => liveVersion(db, team);
const dropFiles = (version: string) => db.deleteFrom('modelFiles').where('teamId', '=', team).where('version', '=', version).execute();

describe('what is live', () => {
  const sequences: { name: string; steps: string[]; live: (string | undefined)[] }[] = [
    { name: 'the newest promotion', steps: ['a', 'b'], live: ['a', 'b'] },
    { name: 'the starter after the only one was rolled back', steps: ['a', '<'], live: ['a', undefined] },
    { name: 'one further back with each rollback', steps: ['a', 'b', '<', '<'], live: ['a', 'b', 'a', undefined] },
    {
      name: 'what a promotion after a rollback replaced',
      steps: ['a', 'b', '<', 'c', '<', '<'],
      live: ['a', 'b', 'a', 'c', 'a', undefined],
    },
    { name: 'the way it came, there and back', steps: ['a', 'b', 'a', '<', '<', '<'], live: ['a', 'b', 'a', 'b', 'a', undefined] },
    { name: 'the same when it is promoted again', steps: ['a', 'a', '<'], live: ['a', 'a', undefined] },
  ];
  it.each(sequences)('is $name', async ({ steps, live: expected }) => {
    const seen = [];
    for (const step of steps) {
      if (step === '<') await back();
      else await put(step);
      seen.push(await live());
    }
    expect(seen).toEqual(expected);
  });

  it('is the starter at first, and cannot be rolled back', async () => {
    expect(await live()).toBeUndefined();
    await expect(back()).rejects.toMatchObject({ code: 'not_found' });
    await put('a');
    await back();
    await expect(back()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('stays when the files of the one before were dropped', async () => {
    await put('a');
    await put('b');
    await dropFiles('a');
    await expect(back()).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('a was live before b, but its files'),
    });
    expect(await live()).toBe('b');
  });

  it('is each team its own', async () => {
    await put('a');
    expect(await liveVersion(db, 'another')).toBeUndefined();
  });
});

describe('what can be gone back to', () => {
  const ways: { name: string; steps: string[]; targets: (string | null)[] }[] = [
    { name: 'nothing at first', steps: [], targets: [] },
    { name: 'what each promotion replaced, the newest first', steps: ['a', 'b', 'c'], targets: ['b', 'a', null] },
    { name: 'not what was rolled back', steps: ['a', 'b', '<', 'c'], targets: ['a', null] },
    { name: 'only so many', steps: ['a', 'b', 'a', 'b', 'c', 'a'], targets: ['c', 'b', 'a', 'b', 'a'] },
  ];
  it.each(ways)('is $name', async ({ steps, targets }) => {
    for (const step of steps) await (step === '<' ? back() : put(step));
    expect(await rollbackTargets(db, team)).toEqual(targets);
  });
});

describe('a promotion', () => {
  it('of what was not published is refused', async () => {
    await expect(put('missing')).rejects.toMatchObject({ code: 'not_found' });
    await dropFiles('a');
    await expect(put('a')).rejects.toMatchObject({ code: 'not_found' });
    expect(await live()).toBeUndefined();
  });

  it('happens once for a run, even when it was rolled back since', async () => {
    const { id } = await createRun(db, { teamId: team, requestedBy: 'U1', channelId: 'C1' });
    await put('a', id);
    await back();
    await put('a', id);
    expect(await live()).toBeUndefined();
    expect(await listPromotions(db, team)).toHaveLength(2);
  });

  it('names what was live before it, even when eight come at once', async () => {
    await Promise.all(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b'].map((version) => put(version)));
    const promotions = (await listPromotions(db, team)).toReversed();
    expect(promotions.map(({ previous }) => previous)).toEqual([null, ...promotions.map(({ version }) => version).slice(0, -1)]);
  });

  it('is told to who listens when it is committed, and so is a rollback', async () => {
    const heard: string[] = [];
    let wake = () => {};
    const listener = await listenForLive(url, (teamId) => {
      heard.push(`${teamId}`);
      wake();
    });
    const nextNews = () => new Promise<void>((resolve) => (wake = resolve));
    try {
      const refused = db.transaction().execute(async (trx) => {
        await promote(trx, { teamId: team, version: 'a', reason: 'better', runId: null, by: 'U1' });
        throw new Error('not committed');
      });
      await expect(refused).rejects.toThrow('not committed');
      for (const change of [() => put('a'), back]) {
        const news = nextNews();
        await change();
        await news;
      }
      expect(heard).toEqual([team, team]);
    } finally {
      await listener.close();
    }
  });

  it('is heard by a listener that lost its connection, once it is back', async () => {
    let wake = () => {};
    const news = new Promise<void>((resolve) => (wake = resolve));
    const listener = await listenForLive(url, () => wake(), 20);
    try {
      const { rows } = await listeners();
      expect(rows).toHaveLength(1);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db);
      await expect.poll(async () => (await listeners()).rows.filter(({ pid }) => pid !== rows[0]?.pid).length).toBe(1);
      await put('a');
      await news;
    } finally {
      await listener.close();
    }
  });
});
