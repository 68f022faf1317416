import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { readTaxonomy } from '../data/taxonomy.ts';
import { liveVersion, promote } from '../db/models.ts';
import { openQueue, type Queue } from '../db/queue.ts';
import { createRun, failRun, getRun } from '../db/runs.ts';
import { openTestDatabase, type TestDatabase } from '../db/testing.ts';
import { labelsOf } from '../labels.ts';
import { openLog } from '../log.ts';
import { describeFiles, readModelFolder, SERVED, writeManifest } from '../models/folder.ts';
import { publishModel } from '../models/registry.ts';
import { writeTinyBanking77, writeTinyCheckpoint } from './testing.ts';
import { work } from './work.ts';

const teamId = 'T1';
const CACHE = path.join(import.meta.dirname, '..', 'models', 'cache');
const log = openLog('silent', false);

let database: TestDatabase;
let queue: Queue;
let scratch: string;
let live: string;
let env: Record<string, string | undefined>;

beforeAll(async () => {
  database = await openTestDatabase();
  queue = await openQueue({ databaseUrl: database.url, redisUrl: undefined });
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-work-'));
  await writeTinyCheckpoint(path.join(scratch, 'base'), ['where is my card']);
  await writeTinyBanking77(scratch, 'where is my card');
  // Tells which process trains: the worker names it to nobody.
  await writeFile(path.join(scratch, 'tell.cjs'), `require('node:fs').writeFileSync(process.env.PID_FILE, String(process.pid));`);
  live = await publishLive(path.join(scratch, 'live'));
});
beforeEach(async () => {
  env = {
    ...process.env,
    DATABASE_URL: database.url,
    BASE_MODEL: path.join(scratch, 'base'),
    BANKING77: scratch,
    LOG_LEVEL: 'silent',
    NODE_OPTIONS: `--require ${path.join(scratch, 'tell.cjs')}`,
    PID_FILE: path.join(scratch, 'pid'),
  };
  await rm(path.join(scratch, 'pid'), { force: true });
});
afterAll(async () => {
  await queue.close();
  await database.close();
  await rm(scratch, { recursive: true });
  await rm(path.join(CACHE, live), { recursive: true, force: true });
});

/** A live model that the training takes along, and that nobody opens. */
async function publishLive(dir: string): Promise<string> {
  await mkdir(path.join(dir, 'onnx'), { recursive: true });
  await writeFile(path.join(dir, SERVED), `graph of ${dir}`);
  await writeManifest(dir, {
    format: 1,
    createdAt: '2025-01-01T00:00:00Z',
    base: 'tiny',
    commit: null,
    machine: 'test',
    seed: 1,
    recipe: {},
    data: [],
    maxTokens: 16,
    temperature: { intent: 1, priority: 1 },
    labels: labelsOf(await readTaxonomy()),
    metrics: {},
    files: await describeFiles(dir, [SERVED]),
  });
  const folder = await readModelFolder(dir);
  await publishModel(database.db, teamId, folder, null);
  await promote(database.db, { teamId, version: folder.version, reason: 'the first', runId: null, by: 'test' });
  return folder.version;
}

/** Puts a training on the queue, lets a trainer take it, and ends the trainer after `meanwhile`. */
async function train(meanwhile: (runId: string, trainer: AbortController) => Promise<unknown>) {
  const { db, url } = database;
  const { id: runId } = await createRun(db, { teamId, requestedBy: 'U1', channelId: 'C1' });
  await queue.add({ runId, teamId });
  const trainer = new AbortController();
  const working = work({ db, databaseUrl: url, redisUrl: undefined, log, env, once: false, signal: trainer.signal });
  try {
    await meanwhile(runId, trainer);
  } finally {
    trainer.abort();
    await working;
  }
  return { run: await getRun(db, runId), live: await liveVersion(db, teamId) };
}
const until = (runId: string, state: string) =>
  vi.waitFor(async () => expect(await getRun(database.db, runId)).toMatchObject({ state }), { timeout: 50_000, interval: 20 });
const pidOfTraining = async () => Number(await readFile(path.join(scratch, 'pid'), 'utf8'));
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('fails the run of a training that is killed, and leaves the live model', async () => {
  const { run, live: now } = await train(async (runId) => {
    await until(runId, 'running');
    process.kill(await pidOfTraining(), 'SIGKILL');
    await until(runId, 'failed');
  });
  expect(run?.error).toBe('The training process ended unexpectedly (signal SIGKILL). Ask for it again with /ticket retrain.');
  expect([run?.promoted, run?.modelVersion, now]).toEqual([null, null, live]);
});

it('fails the run of a training that dies before it begins', async () => {
  await writeFile(path.join(scratch, 'die.cjs'), 'process.exit(7);');
  env.NODE_OPTIONS = `--require ${path.join(scratch, 'die.cjs')}`;
  const { run } = await train((runId) => until(runId, 'failed'));
  expect(run?.error).toBe('The training process ended unexpectedly (exit code 7). Ask for it again with /ticket retrain.');
});

it('tells what a training said itself of its end', async () => {
  env.BASE_MODEL = scratch;
  const { run, live: now } = await train((runId) => until(runId, 'failed'));
  expect(run?.error).toContain(`${path.join(scratch, 'config.json')} cannot be read as JSON`);
  expect(now).toBe(live);
});

it('stops the training when it is stopped itself, and leaves no process', async () => {
  const { run, live: now } = await train(async (runId, trainer) => {
    await until(runId, 'running');
    trainer.abort();
  });
  expect(run?.state).toBe('failed');
  expect(run?.error).toContain('was stopped');
  expect([isAlive(await pidOfTraining()), now]).toEqual([false, live]);
});

it('does not touch a run that ended before its job came', async () => {
  const { run } = await train(async (runId) => {
    await failRun(database.db, runId, 'given up');
    await vi.waitFor(async () => expect(isAlive(await pidOfTraining())).toBe(false), { timeout: 50_000 });
  });
  expect(run?.error).toBe('given up');
});
