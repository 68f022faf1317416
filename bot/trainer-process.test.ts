import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { quiet } from './testing.ts';
import { type TrainerProcess, trainerProcess } from './trainer-process.ts';

let dir: string;
let trainer: TrainerProcess | undefined;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-trainer-'));
});
afterEach(async () => {
  await trainer?.stop();
  await rm(dir, { recursive: true });
});

/** A trainer that notes its start, and then does what `script` says. */
const trainerThat = (script: string) => {
  const notes = path.join(dir, 'starts');
  const args = ['-e', `require('node:fs').appendFileSync(process.env.NOTES, process.env.DATABASE_URL + '\\n'); ${script}`];
  trainer = trainerProcess({ env: { PATH: process.env.PATH, NOTES: notes, DATABASE_URL: 'postgres://here' }, log: quiet(), args });
  const starts = () =>
    readFile(notes, 'utf8').then(
      (text) => text.trim().split('\n'),
      () => [],
    );
  return { trainer, starts };
};

test('one trainer runs, however often it is asked for, and a stop ends it', async () => {
  const { trainer, starts } = trainerThat('setInterval(() => {}, 1000)');
  expect([trainer.ensure(), trainer.ensure(), trainer.ensure()]).toEqual(['running', 'running', 'running']);
  await expect.poll(starts, { timeout: 5_000 }).toEqual(['postgres://here']);
  await trainer.stop();
  expect(trainer.ensure()).toBe('running');
  expect(await starts()).toHaveLength(1);
});

test('when it is done, the next job gets a new one', async () => {
  const { trainer, starts } = trainerThat('');
  await expect.poll(() => trainer.ensure() === 'running' && starts().then((all) => all.length), { timeout: 5_000 }).toBeGreaterThan(2);
});

test('one that ends with an error is not started for ever', async () => {
  const { trainer, starts } = trainerThat('process.exit(3)');
  await expect.poll(() => trainer.ensure(), { timeout: 5_000 }).toBe('broken');
  expect((await starts()).length).toBe(2);
});
