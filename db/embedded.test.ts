import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { checkDatabase, openDatabase } from './database.ts';
import { type Embedded, startEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';
import { storeTicket, ticketsAwaitingReply } from './tickets.ts';

const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-embedded-'));
await chmod(dir, 0o755);
const fast = { fsync: 'off' };
const lock = path.join(dir, 'data', 'postmaster.pid');
const started: Embedded[] = [];
afterAll(async () => {
  await Promise.all(started.map(({ stop }) => stop()));
  await rm(dir, { recursive: true, force: true });
});

async function start(): Promise<Embedded> {
  const embedded = await startEmbedded(dir, fast);
  started.push(embedded);
  return embedded;
}

const isUp = (url: string) =>
  withDatabase(url, checkDatabase).then(
    () => true,
    () => false,
  );

async function withDatabase<T>(url: string, work: (db: ReturnType<typeof openDatabase>) => Promise<T>): Promise<T> {
  const db = openDatabase(url);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

it('starts, keeps what was stored, and can be shared, left, killed and started again', { timeout: 120_000 }, async () => {
  // Two at once on an empty folder: one makes the database, both use it.
  const [one, two] = await Promise.all([start(), start()]);
  expect(one.url).toBe(two.url);
  expect(await readdir(dir)).toEqual(['data']);
  await withDatabase(one.url, async (db) => {
    await migrate(db);
    await storeTicket(db, { teamId: 'T1', channelId: 'C1', ts: '1.1', userId: 'U1', text: 'héllo' });
    // It goes on for the one who still has a connection.
    await two.stop();
    await checkDatabase(db);
  });
  await one.stop();
  expect(await isUp(one.url)).toBe(false);
  await one.stop();

  const again = await start();
  expect(await withDatabase(again.url, (db) => ticketsAwaitingReply(db, 'T1', new Date(0)))).toMatchObject([{ text: 'héllo' }]);

  // A crash leaves the lock behind; by then its process id belongs to a program that is no PostgreSQL.
  const [pid = '', ...rest] = (await readFile(lock, 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGKILL');
  await expect.poll(() => isUp(again.url), { timeout: 10_000 }).toBe(false);
  await writeFile(lock, [process.pid, ...rest].join('\n'));
  const recovered = await start();
  expect(await withDatabase(recovered.url, (db) => ticketsAwaitingReply(db, 'T1', new Date(0)))).toHaveLength(1);
  await recovered.stop();
  expect(await isUp(recovered.url)).toBe(false);
});

it('leaves the signals of this process alone', { timeout: 30_000 }, async () => {
  const program = `
    const { startEmbedded } = await import(${JSON.stringify(new URL('embedded.ts', import.meta.url).href)});
    const { stop } = await startEmbedded(${JSON.stringify(dir)}, { fsync: 'off' });
    const listeners = ['SIGINT', 'SIGTERM', 'beforeExit'].filter((event) => process.listenerCount(event) > 0);
    await stop();
    console.log(JSON.stringify(listeners));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  expect(stdout).toBe('[]\n');
});
