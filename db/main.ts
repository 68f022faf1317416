import { readEnvFile, runCommand } from '../cli.ts';
import { parseConfig } from '../config.ts';
import { TicketwiseError } from '../errors.ts';
import { openDatabase } from './database.ts';
import { EMBEDDED_DIR, startEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';

await runCommand(async () => {
  const command = process.argv.slice(2).join(' ');
  if (command !== 'migrate') throw new TicketwiseError('bad_usage', `Expected "migrate", got "${command}". Run npm run migrate.`);
  readEnvFile();
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
});
