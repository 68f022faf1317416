import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { up as addDecisions } from '../migrations/006-decisions.ts';
import { openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { openTestDatabase } from './testing.ts';

const { db, url, close } = await openTestDatabase();
afterAll(close);

const files = (await readdir(new URL('../migrations/', import.meta.url))).map((file) => file.replace('.ts', '')).sort();

async function emptyDatabase(): Promise<void> {
  await sql`drop schema public cascade`.execute(db);
  await sql`create schema public`.execute(db);
}

describe('migrate', () => {
  it('applies nothing to a database that is up to date', async () => {
    expect(await migrate(db)).toEqual([]);
  });

  it('applies each migration once when four processes start at once', async () => {
    await emptyDatabase();
    const pools = Array.from({ length: 4 }, () => openDatabase(url));
    try {
      const applied = await Promise.all(pools.map(migrate));
      expect(applied.flat()).toEqual(files);
    } finally {
      await Promise.all(pools.map((pool) => pool.destroy()));
    }
  });

  it('keeps what predictions from before there were decisions mean', async () => {
    await emptyDatabase();
    await migrate(db);
    await sql`alter table predictions drop column sure, drop column in_scope, drop column silent`.execute(db);
    for (const intent of ['card_arrival', 'chatter'])
      await sql`
        with ticket as (
          insert into tickets (team_id, channel_id, ts, user_id, text) values ('T1', 'C1', ${intent}, 'U1', 'hello') returning id
        )
        insert into predictions (team_id, ticket_id, model_version, category, category_probability, priority, priority_probability,
          intent, intent_probability, categories, priorities, intents, chatter)
        select 'T1', id, 'old', 'order', 0.2, 'low', 0.5, ${intent}, 0.3, '[]', '[]', '[]', 0.4 from ticket`.execute(db);
    await addDecisions(db as never);
    const { rows } = await sql`select intent, sure, in_scope as "inScope", silent from predictions order by intent`.execute(db);
    expect(rows).toEqual([
      { intent: 'card_arrival', sure: true, inScope: true, silent: false },
      { intent: 'chatter', sure: true, inScope: true, silent: true },
    ]);
  });

  it('applies nothing when one of them fails', async () => {
    await emptyDatabase();
    await sql`create view promotions as select 1`.execute(db);
    await expect(migrate(db)).rejects.toThrow('promotions');
    const { rows } = await sql`select 1 from pg_tables where tablename = 'tickets'`.execute(db);
    expect(rows).toEqual([]);
  });
});

describe('npm run migrate', { timeout: 30_000 }, () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const run = (args: string[], env: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', main, ...args], { env: { PATH: process.env.PATH, ...env } });

  it('prints what it applied', async () => {
    await emptyDatabase();
    expect((await run(['migrate'], { DATABASE_URL: url })).stdout).toBe(files.map((file) => `applied ${file}\n`).join(''));
    expect((await run(['migrate'], { DATABASE_URL: url })).stdout).toBe('nothing to apply: the tables are up to date\n');
  });

  const refusals: { name: string; args: string[]; env: NodeJS.ProcessEnv; says: RegExp }[] = [
    {
      name: 'an unreachable server',
      args: ['migrate'],
      env: { DATABASE_URL: 'postgres://ann:secret@127.0.0.1:1/tickets' },
      says: /^Error: No connection to the PostgreSQL database tickets at 127\.0\.0\.1:1: .*ECONNREFUSED.* Check DATABASE_URL, .*\n$/,
    },
    { name: 'another protocol', args: ['migrate'], env: { DATABASE_URL: 'mysql://localhost/x' }, says: /DATABASE_URL/ },
    { name: 'an unknown command', args: ['upgrade'], env: { DATABASE_URL: url }, says: /^Error: Unknown command "upgrade"/ },
  ];
  it.each(refusals)('refuses $name with a message and exit code 1', async ({ args, env, says }) => {
    await expect(run(args, env)).rejects.toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(says) });
  });
});
