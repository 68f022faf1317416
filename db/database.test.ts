import { createServer, type Server } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { checkDatabase, openDatabase } from './database.ts';
import { openQueue } from './queue.ts';
import { openTestDatabase } from './testing.ts';

const { db, url, close } = await openTestDatabase();
afterAll(close);

const silent = await new Promise<Server>((resolve) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1', () => resolve(server));
});
afterAll(() => silent.close());
const address = silent.address();
const silentHost = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

const at = (host: string, database = 'tickets') => `postgres://ann:secret@${host}/${database}`;
const missing = Object.assign(new URL(url), { pathname: '/no_such_database' }).href;

const unreachable: { name: string; url: string; says: RegExp }[] = [
  { name: 'a port where nothing listens', url: at('127.0.0.1:1'), says: /tickets at 127\.0\.0\.1:1: .*ECONNREFUSED/ },
  { name: 'a host that does not exist', url: at('db.invalid'), says: /tickets at db\.invalid: .*db\.invalid/ },
  { name: 'a database that does not exist', url: missing, says: /"no_such_database" does not exist/ },
];

describe('openDatabase', () => {
  it('gives a database that answers', async () => {
    await expect(checkDatabase(db)).resolves.toBeUndefined();
  });

  it.each(unreachable)('names $name, and not the password', async ({ url, says }) => {
    const nowhere = openDatabase(url);
    try {
      const refused = await checkDatabase(nowhere).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'unreachable', message: expect.stringMatching(says) });
      expect(refused).toMatchObject({ message: expect.stringContaining('DATABASE_URL') });
      expect(String(refused)).not.toContain('secret');
    } finally {
      await nowhere.destroy();
    }
  });
});

describe('openQueue', () => {
  it.each(unreachable)('names $name, where the queue is in the database', async ({ url, says }) => {
    const refused = openQueue({ databaseUrl: url, redisUrl: undefined });
    await expect(refused).rejects.toMatchObject({ code: 'unreachable', message: expect.stringMatching(says) });
  });

  it.each([
    { name: 'a port where nothing listens', host: '127.0.0.1:1', says: /Redis at 127\.0\.0\.1:1: .*ECONNREFUSED/ },
    { name: 'a host that does not exist', host: 'redis.invalid', says: /Redis at redis\.invalid: .*redis\.invalid/ },
  ])('names $name, where it is on Redis', async ({ host, says }) => {
    const refused = await openQueue({ databaseUrl: url, redisUrl: `redis://:secret@${host}` }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'unreachable', message: expect.stringMatching(says) });
    expect(refused).toMatchObject({ message: expect.stringContaining('REDIS_URL') });
    expect(String(refused)).not.toContain('secret');
  });
});

it('gives up on a server that takes connections and says nothing', { timeout: 30_000 }, async () => {
  const nowhere = openDatabase(at(silentHost));
  try {
    const refused = [
      checkDatabase(nowhere),
      openQueue({ databaseUrl: at(silentHost), redisUrl: undefined }),
      openQueue({ databaseUrl: url, redisUrl: `redis://${silentHost}` }),
    ];
    for (const each of await Promise.allSettled(refused))
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'unreachable', message: expect.stringContaining(silentHost) } });
  } finally {
    await nowhere.destroy();
  }
});
