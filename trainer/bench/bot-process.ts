import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TicketwiseError } from '../../errors.ts';
import { timeReplies } from './channel.ts';
import { openOwnDatabase } from './own-database.ts';
import { interrupted } from './pace.ts';
import { ROOT, readStartFlags } from './start-flags.ts';
import { summarise } from './statistics.ts';

/** What `npm start` takes, on a database of its own. Bytes are undefined where the system does not tell them. */
export type BotMeasurement = {
  /** seconds until the page answers */
  start: number;
  /** bytes of the bot's process when messages have come and gone */
  resident: number | undefined;
  peak: number | undefined;
  /** ms from a message to its reply in the channel */
  reply: { p50: number; p95: number };
  database: string;
};

const PATIENCE = 60_000;
const MESSAGES = 20;

/**
 * Starts the bot with its playground in a process of its own, writes messages into its channel and stops it.
 * @throws `job_failed` when it does not start, with its own words
 */
export async function measureBot(
  {
    model,
    databaseUrl,
    env,
    signal,
  }: { model: string; databaseUrl: string | undefined; env: Record<string, string | undefined>; signal: AbortSignal },
  texts: readonly string[],
): Promise<BotMeasurement> {
  const flags = await readStartFlags();
  const database = await openOwnDatabase(databaseUrl);
  const port = await freePort();
  // Empty counts as not set, and goes before what a .env file says.
  const playground = {
    SLACK_BOT_TOKEN: '',
    SLACK_APP_TOKEN: '',
    SLACK_API_URL: '',
    REDIS_URL: '',
    SUPPORT_CHANNELS: '',
    LOG_LEVEL: 'warn',
  };
  const started = performance.now();
  const bot = spawn(process.execPath, [...flags, 'bot/main.ts'], {
    cwd: ROOT,
    env: { ...env, ...playground, PORT: String(port), DATABASE_URL: database.url, MODEL: path.resolve(model) },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let said = '';
  for (const stream of [bot.stdout, bot.stderr])
    stream.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-4000);
    });
  bot.on('error', () => {}); // an abort is told by the exit
  try {
    const url = `http://localhost:${port}`;
    await answered(url, bot, () => said, signal);
    const start = database.startSeconds + (performance.now() - started) / 1000;
    while (!said.includes(url)) await waited(bot, () => said, started, signal);
    const { median: p50, p95 } = summarise(await timeReplies(url, texts.slice(0, MESSAGES)));
    return { start, ...(await memoryOf(bot.pid)), reply: { p50, p95 }, database: database.name };
  } finally {
    await stop(bot);
    await database.remove();
  }
}

async function answered(url: string, bot: ChildProcess, said: () => string, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  for (;;) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await waited(bot, said, started, signal);
  }
}

async function waited(bot: ChildProcess, said: () => string, started: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw interrupted(signal);
  if (bot.exitCode !== null || bot.signalCode !== null)
    throw new TicketwiseError('job_failed', `The bot ended at its start:\n${said().trim()}`);
  if (performance.now() - started > PATIENCE)
    throw new TicketwiseError('job_failed', `The bot did not answer within ${PATIENCE / 1000} s:\n${said().trim()}`);
  await delay(20);
}

async function stop(bot: ChildProcess): Promise<void> {
  if (bot.exitCode !== null || bot.signalCode !== null || bot.pid === undefined) return;
  const exit = once(bot, 'exit');
  bot.kill('SIGTERM');
  await exit;
}

/** Resident memory now and at its largest, as Linux tells it. */
async function memoryOf(pid: number | undefined): Promise<Pick<BotMeasurement, 'resident' | 'peak'>> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const bytes = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return kilobytes === undefined ? undefined : 1024 * Number(kilobytes);
  };
  return { resident: bytes('VmRSS'), peak: bytes('VmHWM') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
