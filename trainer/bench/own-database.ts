import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../../db/embedded.ts';

/** A database that nobody else uses, and how it goes away. */
export type OwnDatabase = {
  url: string;
  /** what it is, in words */
  name: string;
  /** seconds that a server of our own took to start; 0 for one that ran already */
  startSeconds: number;
  remove: () => Promise<void>;
};

/** A fresh database on the server of a URL, or on an embedded one in a temporary folder, so that no one's data is touched. */
export async function openOwnDatabase(server: string | undefined): Promise<OwnDatabase> {
  if (server === undefined) return openEmbedded();
  const name = `ticketwise_bench_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  return {
    url: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    name: 'of DATABASE_URL, running before',
    startSeconds: 0,
    remove: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
}

async function openEmbedded(): Promise<OwnDatabase> {
  const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-bench-'));
  // As root the server runs as another user, who has to get in.
  await chmod(dir, 0o755);
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    await (await startEmbedded(dir)).stop(); // makes the data folder, which a second start finds there
    const started = performance.now();
    const { url, stop } = await startEmbedded(dir);
    const startSeconds = (performance.now() - started) / 1000;
    return {
      url,
      name: 'embedded, its start included, its memory not',
      startSeconds,
      remove: async () => {
        await stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
