import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_RECIPE } from '../training/recipe.ts';
import { readOutOfScope } from './out-of-scope-record.ts';
import { RESULTS } from './results.ts';
import { changedKeys, type KeptRun, readRuns, resultsTable, writeResultsTable } from './results-table.ts';

const scores = (accuracy: number) => ({ rows: 10, accuracy, macroF1: 0.5, ece: 0.01 });

function run(name: string, seed: number, accuracy: number): KeptRun {
  return {
    run: name,
    measuredAt: '2026-01-02T03:04:05Z',
    machine: 'a CPU, 2 cores',
    model: {
      version: name,
      base: 'MiniLM',
      commit: 'abc',
      seed,
      recipe: { ...DEFAULT_RECIPE, seed },
      data: [{ name: 'banking77/train', sha256: '0123456789'.repeat(6) }],
    },
    training: { device: 'cpu', seconds: 245, peakMemoryBytes: 1.5e9 },
    evaluations: [
      { dataSet: 'banking77/test', intent: scores(accuracy), category: scores(0.98), priority: scores(0.97) },
      { dataSet: 'seed/test', category: scores(0.85), priority: scores(0.8) },
    ],
  };
}

test('the table that is shipped is the one that the command makes of the runs that it names', async () => {
  const shipped = await readFile(path.join(RESULTS, 'README.md'), 'utf8');
  const named = async (kept: 'metrics' | 'held-out') =>
    (await readRuns(RESULTS, kept)).filter(({ run: name }) => shipped.includes(`${kept}/${name}.json`));
  const outOfScope = shipped.includes('npm run out-of-scope') ? await readOutOfScope(RESULTS) : undefined;
  expect(resultsTable(await named('metrics'), await named('held-out'), outOfScope)).toBe(shipped);
});

test('a run is a line of figures and a line of how it was made', () => {
  const table = resultsTable([run('one', 1, 0.94)]);
  expect(table).toContain(
    '| [one](metrics/one.json) | 94.00 | 0.500 | 0.010 | 98.00 | 0.500 | 0.010 | 97.00 | 10 | 85.00 | 0.500 | 80.00 |',
  );
  expect(table).toContain(
    '| [one](metrics/one.json) | MiniLM | abc | default | 1 | banking77/train `01234567` | cpu | 4 min 05 s | 1.50 GB | a CPU, 2 cores |',
  );
  expect(table).not.toContain('Seeds together');
});

test('what is told has a table of its own, of the runs that promise a precision', () => {
  const promising = run('two', 2, 0.95);
  const promises = [
    { promised: 0.95, coverage: 0.97, precision: 0.985 },
    { promised: 0.98, coverage: 0.9, precision: 0.995 },
  ];
  promising.evaluations[1] = {
    dataSet: 'seed/test',
    ...{
      promises,
      told: { coverage: 0.8, precision: 0.96 },
      inScope: 0.934,
      chatter: { recall: 0.951, ticketsSilenced: 0.009, separated: 0.962 },
    },
  };
  const table = resultsTable([run('one', 1, 0.94), promising]);
  expect(table).toContain(
    '| run | test part | at 95 % | at 98 % | the bot | in scope | chatter silent | tickets silenced | chatter at 1 % silenced |',
  );
  expect(table).toContain('| [two](metrics/two.json) | seed/test | 97.0 / 98.5 | 90.0 / 99.5 | 80.0 / 96.0 | 93.4 | 95.1 | 0.9 | 96.2 |');
  expect(table.match(/seed\/test/g)).toHaveLength(1);
  expect(resultsTable([run('one', 1, 0.94)])).not.toContain('What the models tell');
});

test('what models are chosen by stands apart from what they scored', () => {
  const chosen = run('two', 2, 0.95);
  chosen.model.recipe.averageOf = ['a', 'b'];
  chosen.evaluations = [
    { dataSet: 'seed/train, held out', category: scores(0.91), chatter: { recall: 0.94, ticketsSilenced: 0.009, separated: 0.962 } },
  ];
  const table = resultsTable([run('one', 1, 0.94)], [chosen]);
  expect(table).toContain('| [two](held-out/two.json) | averageOf a and b | seed/train, held out | 10 |  | 91.00 |  | 96.2 |');
  expect(table).not.toContain('metrics/two.json');
  expect(resultsTable([run('one', 1, 0.94)])).not.toContain('held out');
});

test('runs that differ in the seed alone are taken together, with their standard deviation', () => {
  const other = run('other', 4, 0.5);
  other.model.recipe.epochs = 99;
  const table = resultsTable([run('two', 2, 0.95), run('one', 1, 0.93), run('two-fp32', 2, 0.1), other]);
  expect(table).toContain('| default | 1, 2 | 94.00 ± 1.41 | 98.00 ± 0.00 |');
  expect(table).toContain('| epochs 99 |');
});

test.each([
  [DEFAULT_RECIPE, 'default'],
  [{ ...DEFAULT_RECIPE, seed: 9 }, 'default'],
  [{ ...DEFAULT_RECIPE, dropout: 0.3, newKey: true }, 'dropout 0.3, newKey true'],
  [{ ...DEFAULT_RECIPE, sourceWeights: { seed: 0 } }, 'sourceWeights seed 0'],
])('names a recipe by what differs from the default: %#', (recipe, expected) => {
  expect(changedKeys(recipe)).toBe(expected);
});

test('writes the table beside the records, and names a record that is none', async () => {
  const results = await mkdtemp(path.join(tmpdir(), 'ticketwise-results-'));
  onTestFinished(() => rm(results, { recursive: true }));
  await mkdir(path.join(results, 'metrics'));
  await writeFile(path.join(results, 'metrics', 'one.json'), JSON.stringify({ ...run('one', 1, 0.9), more: 1 }));
  expect(await readFile(await writeResultsTable(results), 'utf8')).toContain('| [one](metrics/one.json) | 90.00 |');
  await writeFile(path.join(results, 'metrics', 'two.json'), '{"run": 2}');
  await expect(writeResultsTable(results)).rejects.toThrow('two.json is no record of a run');
  await writeFile(path.join(results, 'metrics', 'two.json'), '{');
  await expect(writeResultsTable(results)).rejects.toThrow('two.json is no JSON');
});
