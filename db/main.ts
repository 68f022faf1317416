import { parseArguments, readEnvFile, runCommand } from '../cli.ts';
import { parseConfig } from '../config.ts';
import { TicketwiseError } from '../errors.ts';
import { type Db, openDatabase } from './database.ts';
import { EMBEDDED_DIR, startEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';
import { listPromotions, rollback, rollbackTargets, storedVersions } from './models.ts';

const USAGE = 'npm run migrate | npm run models | npm run rollback -- [--team TEAM_ID]';

await runCommand(async () => {
  const [command, ...args] = process.argv.slice(2);
  const { values } = parseArguments(args, { team: { type: 'string' } }, USAGE);
  readEnvFile();
  const { databaseUrl } = parseConfig(process.env);
  const embedded = databaseUrl === undefined ? await startEmbedded(EMBEDDED_DIR) : undefined;
  try {
    const db = openDatabase(databaseUrl ?? embedded?.url ?? '');
    try {
      const applied = await migrate(db);
      if (command === 'migrate') printMigrations(applied);
      else if (command === 'models') await printModels(db, await findTeam(db, values.team));
      else if (command === 'rollback') await goBack(db, await findTeam(db, values.team));
      else throw new TicketwiseError('bad_usage', `Unknown command "${command ?? ''}".\nUsage: ${USAGE}`);
    } finally {
      await db.destroy();
    }
  } finally {
    await embedded?.stop();
  }
});

function printMigrations(applied: string[]): void {
  for (const name of applied) console.log(`applied ${name}`);
  if (applied.length === 0) console.log('nothing to apply: the tables are up to date');
}

/** What went live, newest first, with the reason for it, and what can be gone back to. */
async function printModels(db: Db, team: string): Promise<void> {
  const [promotions, targets, stored] = [await listPromotions(db, team), await rollbackTargets(db, team), await storedVersions(db, team)];
  if (promotions.length === 0) return console.log('The starter model is live; nothing was promoted yet.');
  const isStored = (version: string | null) => version === null || stored.has(version);
  const nameOf = (version: string | null) => version ?? 'starter';
  for (const { at, version, by, reason } of promotions)
    console.log(`${at.toISOString()}  ${nameOf(version)}${isStored(version) ? '' : ' (files dropped)'}  by ${by}  ${reason}`);
  const end = targets.findIndex((version) => !isStored(version));
  const way = targets.slice(0, end < 0 ? targets.length : end).map(nameOf);
  console.log(`live: ${nameOf(promotions[0]?.version ?? null)}; npm run rollback goes back to: ${way.join(', then ') || 'none'}`);
}

/** Makes the model live that was live before; running bots swap to it at once. */
async function goBack(db: Db, team: string): Promise<void> {
  const version = await rollback(db, team, 'npm run rollback');
  console.log(`${version === undefined ? 'The starter model' : `Model ${version}`} is live again for ${team}.`);
}

/** The workspace that is named, or the only one that there is. */
async function findTeam(db: Db, given: string | undefined): Promise<string> {
  const rows = await db.selectFrom('promotions').select('teamId').distinct().execute();
  const teams = rows.map(({ teamId }) => teamId);
  const team = given ?? (teams.length === 1 ? teams[0] : undefined);
  if (team === undefined)
    throw new TicketwiseError(
      'bad_usage',
      teams.length === 0
        ? 'Nothing was promoted yet: the starter model is live.'
        : `Which workspace? Give --team and one of ${teams.join(', ')}.`,
    );
  return team;
}
