import { parseConfig } from '../config.ts';
import { messageOf, TicketwiseError } from '../errors.ts';
import { openDatabase } from './database.ts';
import { EMBEDDED_DIR, startEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';

async function main(args: string[]): Promise<void> {
  if (args.join(' ') !== 'migrate')
    throw new TicketwiseError('bad_usage', `Expected "migrate", got "${args.join(' ')}". Run npm run migrate.`);
  const { databaseUrl } = parseConfig(process.env);
  const embedded = databaseUrl === undefined ? await startEmbedded(EMBEDDED_DIR) : undefined;
  try {
    const db = openDatabase(databaseUrl ?? embedded?.url ?? '');
    try {
      const applied = await migrate(db);
      for (const name of applied) console.log(`applied ${name}`);
      if (applied.length === 0) console.log('nothing to apply: the tables are up to date');
    } finally {
      await db.destroy();
    }
  } finally {
    await embedded?.stop();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
