import { readdir } from 'node:fs/promises';
import { type Migration, type MigrationProvider, Migrator } from 'kysely';
import type { Db } from './database.ts';

const FOLDER = new URL('../migrations/', import.meta.url);

/** Imports `migrations/*.ts` by URL, which Node, tsx and vitest all understand, on every platform. */
const provider: MigrationProvider = {
  async getMigrations() {
    const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    const load = async (file: string): Promise<[string, Migration]> => [
      file.slice(0, -'.ts'.length),
      (await import(/* @vite-ignore */ new URL(file, FOLDER).href)) as Migration,
    ];
    return Object.fromEntries(await Promise.all(files.map(load)));
  },
};

/**
 * Brings the tables up to date, all in one transaction. Two processes may call it at once: the second one waits.
 * @returns names of the migrations that were applied, in order
 * @throws what the database refused; nothing is applied then
 */
export async function migrate(db: Db): Promise<string[]> {
  const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
  return results.map(({ migrationName }) => migrationName);
}
