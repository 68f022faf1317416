import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded } from './embedded.ts';

/**
 * Vitest's global setup: where DATABASE_URL is unset, starts one embedded server for all test files, in a folder that is
 * deleted afterwards.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  // biome-ignore lint/style/noProcessEnv: test files run in processes of their own, which inherit it from here
  const env = process.env;
  if (env.DATABASE_URL) return undefined;
  const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-postgres-'));
  // As root the server runs as another user, who has to get in.
  await chmod(dir, 0o755);
  const { url, stop } = await startEmbedded(dir, { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' });
  env.DATABASE_URL = url;
  return async () => {
    await stop();
    delete env.DATABASE_URL;
    await rm(dir, { recursive: true, force: true });
  };
}
