import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Row } from '../../data/row.ts';
import { labelsOf } from '../../labels.ts';
import { DEFAULT_RECIPE } from '../training/recipe.ts';
import { findTraining, type RunRecord, writeRun } from './results.ts';
import { reportRun } from './run-report.ts';

const group = (id: string) => ({ id, name: id, description: '', emoji: id });
const labels = labelsOf({ categories: [group('billing'), group('account')], priorities: [group('low'), group('high')], intents: [] });
const rows: Row[] = [
  { text: 'refund my payment', category: 'billing', priority: 'low', source: 'seed' },
  { text: 'my password is wrong', category: 'account', priority: 'high', source: 'seed' },
];
const history = { step: [1, 2], loss: [2, 1], learningRate: [1e-4, 0] };
const training = { device: 'cpu', seconds: 1, steps: 2, tokensPerSecond: 3, finalLoss: 1, peakMemoryBytes: 4, history };
const record: RunRecord = {
  run: '2026-01-02-0123456789ab',
  command: 'npm run train',
  measuredAt: '2026-01-02T03:04:05.000Z',
  commit: null,
  machine: 'a CPU',
  model: { version: '0123456789ab', base: 'MiniLM', commit: null, seed: 1, recipe: {}, data: [] },
  training,
  evaluations: [],
};

async function folder(): Promise<string> {
  const results = await mkdtemp(path.join(tmpdir(), 'ticketwise-results-'));
  onTestFinished(() => rm(results, { recursive: true }));
  return results;
}

test('a report that cannot be made is told, and costs no figures', async () => {
  const results = await folder();
  const file = await writeRun(record, results);
  const told = await reportRun({
    record,
    model: path.join(results, 'no-model'),
    labels,
    parts: [{ name: 'seed/test', rows, sha256: '' }],
    answers: [[]],
    blend: { train: rows, heldOut: [] },
    weights: DEFAULT_RECIPE.sourceWeights,
    results,
  });
  expect(told).toContain('There is no report; model and figures are whole.');
  expect(told).toContain('no-model');
  const kept = JSON.parse(await readFile(file, 'utf8'));
  expect(kept).toMatchObject(record);
  expect(kept.baseline).toMatchObject([{ dataSet: 'seed/test', category: { rows: 2, accuracy: 1 } }]);
  expect(await readdir(results)).toEqual(['metrics']);
});

test('a model that is measured again keeps the course of its training', async () => {
  const results = await folder();
  expect(await findTraining('0123456789ab', results)).toBeUndefined();
  await writeRun(record, results);
  expect(await findTraining('0123456789ab', results)).toEqual(training);
  expect(await findTraining('ffffffffffff', results)).toBeUndefined();
});
