import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { TicketwiseError } from '../errors.ts';
import { type Db, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';

export type TestDatabase = {
  db: Db;
  /** of the fresh database: for a process, a queue or a second pool */
  url: string;
  /** Drops the database; fails when the test left a connection to it open. */
  close(): Promise<void>;
};

/**
 * A fresh, migrated database on the server of DATABASE_URL, which `db/testing-server.ts` sets to an embedded one where it is
 * unset. One for each test file:
 *
 *     const { db, close } = await openTestDatabase();
 *     afterAll(close);
 *
 * @throws `unreachable` when there is no server: tests never pass by doing nothing
 */
export async function openTestDatabase(): Promise<TestDatabase> {
  // biome-ignore lint/style/noProcessEnv: tests have no main.ts that could pass it in
  const server = process.env.DATABASE_URL;
  if (!server)
    throw new TicketwiseError(
      'unreachable',
      'Tests need PostgreSQL: set DATABASE_URL, or let vitest.config.ts name db/testing-server.ts as globalSetup, which starts the embedded one.',
    );
  const name = `ticketwise_test_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
  await onServer(server, (client) => client.query(`create database ${name}`));
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const db = openDatabase(url);
  const close = async () => {
    await db.destroy();
    await onServer(server, async (client) => {
      try {
        // Without "force": PostgreSQL waits 5 s for the last connections to go, then refuses.
        await client.query(`drop database ${name}`);
      } catch (error) {
        await client.query(`drop database if exists ${name} with (force)`);
        throw error;
      }
    });
  };
  try {
    await migrate(db);
  } catch (error) {
    await close();
    throw error;
  }
  return { db, url, close };
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
