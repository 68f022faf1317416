import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onParentDeath, readEnvFile } from '../cli.ts';
import { type Config, parseConfig } from '../config.ts';
import { readTaxonomy } from '../data/taxonomy.ts';
import { openDatabase } from '../db/database.ts';
import { EMBEDDED_DIR, startEmbedded } from '../db/embedded.ts';
import { listenForLive } from '../db/live-listener.ts';
import { migrate } from '../db/migrate.ts';
import { openQueue } from '../db/queue.ts';
import { messageOf, TicketwiseError } from '../errors.ts';
import { type Log, openLog } from '../log.ts';
import { COMMANDS } from './answers.ts';
import { startBot } from './app.ts';
import { logError } from './error-log.ts';
import { openLiveModel } from './live-model.ts';
import { modelSource } from './model-source.ts';
import { type Playground, startPlayground } from './playground/server.ts';
import { openSlack } from './slack.ts';
import { slackLog } from './slack-log.ts';
import { trainerProcess } from './trainer-process.ts';

/** How often the bot looks for a new model, besides being told of one, in ms. */
const LOOK = 30_000;
/** Longest that a shutdown may take, in ms. */
const SHUTDOWN = 30_000;

/** What was opened, and how it is closed. */
type Opened = { name: string; close: () => Promise<void> };

async function main(): Promise<void> {
  readEnvFile();
  const config = parseConfig(process.env);
  const log = openLog(config.logLevel, process.stderr.isTTY === true);
  const opened: Opened[] = [];
  const stop = shutdown(log, opened);
  process.on('unhandledRejection', (error) => {
    logError(log, error, 'go on: something was left unhandled');
    void stop(1);
  });
  let asked = false;
  const end = () => {
    asked = true;
    void stop(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  // A signal reaches npm's shell as well, whose end is no second wish to stop.
  if (process.env.npm_lifecycle_event !== undefined) onParentDeath(() => asked || end());
  try {
    await start(config, log, opened, () => void stop(1));
  } catch (error) {
    explain(error);
    return stop(1);
  }
}

/** Opens one thing after the other, each noted in `opened` for the way back. */
async function start(config: Config, log: Log, opened: Opened[], onLost: () => void): Promise<void> {
  const keep = (name: string, close: () => Promise<unknown>) => opened.push({ name, close: async () => void (await close()) });
  const embedded = config.databaseUrl === undefined ? await startEmbedded(EMBEDDED_DIR) : undefined;
  if (embedded !== undefined) keep('database server', () => embedded.stop());
  const databaseUrl = config.databaseUrl ?? embedded?.url ?? '';
  const db = openDatabase(databaseUrl);
  keep('database', () => db.destroy());
  await migrate(db);

  const playground = config.slack === undefined ? await openPlayground(config, log) : undefined;
  if (playground !== undefined) keep('playground', () => playground.stop());
  const slack = await openSlack(config.slack ?? access(playground), slackLog(log));

  const model = await openLiveModel({ ...modelSource(db, slack.teamId, config.model), log });
  keep('model', () => model.dispose());
  const listener = await listenForLive(databaseUrl, (teamId) => void (teamId === slack.teamId && model.check()));
  keep('news of models', () => listener.close());
  const looking = setInterval(() => void model.check(), LOOK);
  keep('look for models', async () => clearInterval(looking));

  const queue = await openQueue({ databaseUrl, redisUrl: config.redisUrl, onError: (error) => logError(log, error, 'reach the queue') });
  keep('queue', () => queue.close());
  const trainer = trainerProcess({ env: { ...process.env, DATABASE_URL: databaseUrl }, log });
  keep('trainer', () => trainer.stop());

  const supportChannels = playground !== undefined && config.supportChannels.length === 0 ? ['support'] : config.supportChannels;
  const lost = (error: Error) => {
    explain(error);
    onLost();
  };
  const bot = await startBot({ slack, db, model, queue, trainer, supportChannels, admins: config.admins, log, onLost: lost });
  keep('bot', () => bot.stop());
  log.info({ team: slack.teamId, model: model.version, channels: supportChannels }, 'Ticketwise listens');
  if (playground !== undefined) welcome(playground, config);
}

async function openPlayground({ port }: Config, log: Log): Promise<Playground> {
  const taxonomy = await readTaxonomy();
  const workspace = { commands: [{ command: '/ticket', subcommands: COMMANDS }] };
  return startPlayground({ port, taxonomy, workspace, onError: (error) => logError(log, error, 'answer the page') });
}

function access(playground: Playground | undefined) {
  if (playground === undefined)
    throw new TicketwiseError('bad_config', 'There is neither a Slack workspace nor a playground to connect to.');
  const { botToken, appToken, apiUrl } = playground;
  return { botToken, appToken, apiUrl };
}

/** Closes what was opened, last first, once; a second signal does not wait for it. */
function shutdown(log: Log, opened: Opened[]): (code: number) => Promise<void> {
  let stopping = false;
  return async (code) => {
    if (stopping) process.exit(code === 0 ? 130 : code);
    stopping = true;
    void delay(SHUTDOWN, undefined, { ref: false }).then(() => {
      log.error('The shutdown took too long');
      process.exit(1);
    });
    for (const { name, close } of opened.toReversed()) await close().catch((error: unknown) => logError(log, error, `close the ${name}`));
    process.exit(code);
  };
}

/** Tells a person what went wrong; what is no error of theirs comes with its stack. */
function explain(error: unknown): void {
  console.error(error instanceof TicketwiseError ? `\n${messageOf(error)}\n` : error);
}

function welcome({ url }: Playground, { databaseUrl }: Config): void {
  const data =
    databaseUrl === undefined
      ? `in ${path.relative(process.cwd(), EMBEDDED_DIR) || '.'}; delete the folder to start afresh`
      : 'in the database of DATABASE_URL';
  console.log(`
  Ticketwise is ready.

    Open   ${url}
    Try    write "I was charged twice for my order" in #support,
           correct the reply with its buttons or a reaction,
           and, as an admin, /ticket retrain
    Kept   ${data}
    Slack  docs/slack.md brings the same bot into your workspace

  Ctrl-C stops it.
`);
}

void main().catch((error: unknown) => {
  explain(error);
  process.exit(1);
});
