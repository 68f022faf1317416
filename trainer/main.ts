import path from 'node:path';
import { abortOnSignals, parseArguments, readEnvFile, runCommand } from '../cli.ts';
import { type Config, parseConfig } from '../config.ts';
import { type Db, openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { retrainJobSchema } from '../db/queue.ts';
import { failRun } from '../db/runs.ts';
import { TicketwiseError } from '../errors.ts';
import { openLog } from '../log.ts';

const USAGE = 'Commands: train, evaluate, average, cross-validate, out-of-scope, results, bench, work.';
const CACHE = path.join(import.meta.dirname, '..', 'models', 'cache');

// Each command loads its own part: a trainer that waits for jobs holds no TensorFlow.js.
await runCommand(async () => {
  const [command, ...args] = process.argv.slice(2);
  readEnvFile();
  const config = parseConfig(process.env);
  const defaults = { base: config.baseModel, banking77: config.banking77 };
  const byNpm = process.env.npm_lifecycle_event !== undefined;
  switch (command) {
    case 'train':
      return (await import('./commands/train-command.ts')).trainCommand(args, defaults, abortOnSignals(byNpm));
    case 'evaluate':
      return (await import('./commands/evaluate-command.ts')).evaluateCommand(args, defaults);
    case 'average':
      return (await import('./commands/average-command.ts')).averageCommand(args, defaults);
    case 'cross-validate':
      return (await import('./commands/cross-validate-command.ts')).crossValidateCommand(args, defaults, abortOnSignals(byNpm));
    case 'out-of-scope':
      return (await import('./commands/out-of-scope-command.ts')).outOfScopeCommand(args, defaults, abortOnSignals(byNpm));
    case 'results':
      return resultsCommand();
    case 'bench':
      return (await import('./bench/bench-command.ts')).benchCommand(
        args,
        { ...defaults, model: config.model, databaseUrl: config.databaseUrl, python: process.env.PYTHON, env: process.env },
        abortOnSignals(),
      );
    case 'work':
      return workCommand(args, config);
    case 'job':
      return jobCommand(args, config);
    default:
      throw new TicketwiseError('bad_usage', `Unknown command "${command ?? ''}". ${USAGE}`);
  }
});

/** `npm run results`: writes the tables of the runs and of the levers that are kept. */
async function resultsCommand(): Promise<void> {
  const [{ RESULTS }, { writeResultsTable }, { writeLeversTable }] = await Promise.all([
    import('./commands/results.ts'),
    import('./commands/results-table.ts'),
    import('./commands/levers-table.ts'),
  ]);
  for (const file of [await writeResultsTable(RESULTS), await writeLeversTable(RESULTS)])
    process.stdout.write(`${path.relative('.', file)}\n`);
}

/** `npm run trainer`: takes retraining jobs from the queue until it is stopped, or with `--once` until there are none. */
async function workCommand(args: string[], config: Config): Promise<void> {
  const { values } = parseArguments(args, { once: { type: 'boolean', default: false } }, 'npm run trainer -- [--once]');
  const { work } = await import('./work.ts');
  await withDatabase(config, async (db, databaseUrl) => {
    await migrate(db);
    const log = openLog(config.logLevel, process.stderr.isTTY === true);
    // A trainer that a bot started has the bot for its parent, and finishes its work without it.
    const signal = abortOnSignals(process.env.npm_lifecycle_event === 'trainer');
    await work({ db, databaseUrl, redisUrl: config.redisUrl, log, env: process.env, once: values.once, signal });
  });
}

/** One job, in the process that {@link work} started for it. */
async function jobCommand([runId, teamId]: string[], config: Config): Promise<void> {
  const job = retrainJobSchema.parse({ runId, teamId });
  const [{ retrain }, { DEFAULT_RECIPE }] = await Promise.all([import('./job.ts'), import('./training/recipe.ts')]);
  await withDatabase(config, async (db) => {
    const log = openLog(config.logLevel, process.stderr.isTTY === true);
    const { baseModel, banking77 } = config;
    try {
      await retrain(job, { db, log, baseModel, banking77, recipe: DEFAULT_RECIPE, cache: CACHE, signal: abortOnSignals() });
    } catch (error) {
      const told = error instanceof TicketwiseError ? error.message : 'The training failed; the log of the trainer says why.';
      await failRun(db, job.runId, told);
      throw error;
    }
  });
}

async function withDatabase(config: Config, use: (db: Db, url: string) => Promise<void>): Promise<void> {
  if (config.databaseUrl === undefined)
    throw new TicketwiseError(
      'bad_config',
      'DATABASE_URL is not set. A trainer needs the database of the bots that it trains for (npm start prints the address of an embedded one).',
    );
  const db = openDatabase(config.databaseUrl);
  try {
    await use(db, config.databaseUrl);
  } finally {
    await db.destroy();
  }
}
