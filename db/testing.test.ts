import { afterEach, expect, it, vi } from 'vitest';
import { checkDatabase, openDatabase } from './database.ts';
import { openTestDatabase } from './testing.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('gives each caller an empty database, which is gone when it is closed', async () => {
  const [one, other] = await Promise.all([openTestDatabase(), openTestDatabase()]);
  expect(one.url).not.toBe(other.url);
  expect(await one.db.selectFrom('tickets').selectAll().execute()).toEqual([]);
  await Promise.all([one.close(), other.close()]);
  const gone = openDatabase(one.url);
  await expect(checkDatabase(gone)).rejects.toThrow('does not exist');
  await gone.destroy();
});

// PostgreSQL itself waits 5 s for the connection to go.
it('fails when a test left a connection open', { timeout: 30_000 }, async () => {
  const test = await openTestDatabase();
  const forgotten = openDatabase(test.url);
  await checkDatabase(forgotten);
  await expect(test.close()).rejects.toThrow('is being accessed by other users');
  await forgotten.destroy();
});

it('fails where there is no server, instead of passing by doing nothing', async () => {
  vi.stubEnv('DATABASE_URL', '');
  await expect(openTestDatabase()).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('DATABASE_URL') });
});
