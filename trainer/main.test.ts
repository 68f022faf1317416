import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { writeTinyBanking77, writeTinyCheckpoint } from './testing.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-trainer-'));
  await writeTinyCheckpoint(path.join(scratch, 'base'), ['where is my card']);
  await writeTinyBanking77(scratch, 'where is my card');
  await mkdir(path.join(scratch, 'thesis'));
  await writeFile(path.join(scratch, 'thesis', 'thesis.txt'), 'years of work');
  await writeFile(path.join(scratch, 'long.json'), '{"epochs":100}');
  await writeFile(path.join(scratch, 'typo.json'), '{"learningrate":1}');
});
afterAll(() => rm(scratch, { recursive: true }));

/** The trainer's process, from a folder without an .env; what is the machine's own in the environment is left out. */
function trainer(args: string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const main = path.join(import.meta.dirname, 'main.ts');
  const given = { PATH: process.env.PATH, HOME: process.env.HOME, BASE_MODEL: 'base', BANKING77: '.', ...env };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), main, ...args],
      { cwd: scratch, env: given },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

it.each<[string, string[], string, Record<string, string>?]>([
  ['no command', [], 'Unknown command "". Commands: train, evaluate'],
  ['an unknown option', ['train', '--epochs', '3'], "Unknown option '--epochs'"],
  ['a recipe with a typing error', ['train', '--device', 'cpu', '--recipe', 'typo.json'], 'Unrecognized key: "learningrate"'],
  ['a folder that is no model, to write', ['train', '--device', 'cpu', '--out', 'thesis'], 'thesis is there and is no model'],
  [
    'a model beside another on held-out rows',
    ['evaluate', '--model', 'base', '--held-out', '--beside', 'base'],
    '--held-out writes no report',
  ],
  ['work without a database', ['work'], 'DATABASE_URL is not set.'],
  ['a wrong environment', ['work'], 'DATABASE_URL', { DATABASE_URL: 'mysql://db' }],
  [
    'a database that is not there',
    ['work'],
    'No connection to the PostgreSQL database',
    { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:9/db' },
  ],
])('refuses %s with exit code 1 and no stack', async (_, args, message, env) => {
  const { code, stdout, stderr } = await trainer(args, env);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^Error: /m);
  expect(stderr).not.toMatch(/^ {4}at |hunter2/m);
  expect([code, stdout]).toEqual([1, '']);
  expect(await readdir(path.join(scratch, 'thesis'))).toEqual(['thesis.txt']);
  expect(await readFile(path.join(scratch, 'thesis', 'thesis.txt'), 'utf8')).toBe('years of work');
});

it.skipIf(process.platform === 'win32').each<[string, NodeJS.Signals, (pid: number) => number]>([
  ['Ctrl-C in a terminal', 'SIGINT', (pid) => -pid], // goes to the whole group
  ['SIGTERM to npm alone', 'SIGTERM', (pid) => pid],
])('keeps the training at %s', async (_, signal, receiver) => {
  const out = path.join(scratch, signal);
  const given = ['--device', 'cpu', '--base', path.join(scratch, 'base'), '--banking77', scratch, '--out', out];
  const args = ['run', '--silent', 'train', '--', ...given, '--recipe', path.join(scratch, 'long.json')];
  const npm = spawn('npm', args, { cwd: path.join(import.meta.dirname, '..'), detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const group = npm.pid ?? Number.NaN;
  onTestFinished(() => {
    if (npm.exitCode === null && npm.signalCode === null) process.kill(-group, 'SIGKILL');
  });
  let told = '';
  npm.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (!told.includes('Training base') && (told + chunk).includes('Training base')) process.kill(receiver(group), signal);
    told += chunk;
  });
  await once(npm, 'close'); // when the trainer itself has ended, which holds the pipe
  expect(told).toMatch(
    /Error: Training was stopped after step \d+ of \d+, and is kept in \S+\. Go on with\n {2}npm run train -- --resume /,
  );
  expect(await readdir(`${out}.training`)).toContain('state.json');
});
