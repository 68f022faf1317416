import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Row } from '../../data/row.ts';
import { labelsOf } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import type { RunRecord } from '../commands/results.ts';
import { compare } from './comparison.ts';
import { drawSvg, toPng } from './draw.ts';
import { type ReportInput, writeReport } from './report.ts';
import { drawRunPlots } from './run-plots.ts';

const group = (id: string, name: string) => ({ id, name, description: '', emoji: id });
const labels = labelsOf({
  categories: [group('billing', 'Billing'), group('account', 'Account/Login')],
  priorities: [group('low', 'Low'), group('high', 'High')],
  intents: [
    { id: 'refund', category: 'billing', priority: 'low' },
    { id: 'pin', category: 'account', priority: 'high' },
  ],
});
const ROWS: Row[] = [
  { text: 'Give me <b>my money</b> & say sorry', intent: 'refund', category: 'billing', priority: 'low', source: 'banking77' },
  { text: 'My PIN is blocked', intent: 'pin', category: 'account', priority: 'high', source: 'banking77' },
  { text: 'Refund, please', intent: 'refund', category: 'billing', priority: 'low', source: 'banking77' },
];

const DECIDED: Pick<Classification, 'promises' | 'inScope' | 'sure' | 'silent'> = {
  promises: [],
  inScope: true,
  sure: true,
  silent: false,
};

function answers(...intents: ('refund' | 'pin')[]): Classification[] {
  return intents.map((id, i): Classification => {
    const intent = labels.intents.find((one) => one.id === id);
    const scored = (label: string) => ({ id: label, probability: 0.9 - i / 10 });
    const [category, priority] = [scored(intent?.category ?? ''), scored(intent?.priority ?? '')];
    const lists = { categories: [category], priorities: [priority], intents: [scored(id)] };
    return { text: '', category, priority, intent: scored(id), ...lists, chatter: 0, ...DECIDED, model: 'test' };
  });
}

const record: RunRecord = {
  run: '2026-01-02-abc',
  command: 'npm run train -- --seed 1',
  measuredAt: '2026-01-02T03:04:05.000Z',
  commit: '0123456789ab',
  machine: 'a CPU',
  model: {
    version: 'abc',
    base: 'MiniLM',
    commit: null,
    seed: 1,
    recipe: { epochs: 6 },
    data: [{ name: 'banking77/train', rows: 10_003, sha256: 'f'.repeat(64) }],
  },
  training: {
    device: 'cpu',
    seconds: 245,
    steps: 3,
    tokensPerSecond: 1500,
    finalLoss: 1,
    peakMemoryBytes: 1.5e9,
    history: { step: [1, 2, 3], loss: [3, 2, 1], learningRate: [1e-4, 2e-4, 1e-4] },
  },
  evaluations: [],
};
const input: ReportInput = {
  record,
  labels,
  parts: [{ name: 'banking77/test', rows: ROWS }],
  model: { name: 'abc', answers: [answers('pin', 'pin', 'refund')] },
  others: [{ name: 'older', answers: [answers('pin', 'refund', 'refund')] }],
};

test('is one page that needs nothing else, with every plot as an image beside it', async () => {
  const dir = path.join(await mkdtemp(path.join(tmpdir(), 'ticketwise-report-')), 'run');
  onTestFinished(() => rm(path.dirname(dir), { recursive: true }));
  await writeReport(dir, input);
  const nearest = [{ row: ROWS[2] as Row, similarity: 0.875 }];
  const file = await writeReport(dir, { ...input, nearest: async (mistakes) => mistakes.map(() => nearest) });
  const page = await readFile(file, 'utf8');
  expect(page).not.toMatch(/<script|<link|<img|src=|href="http|undefined|NaN/);
  expect(page).toContain('Give me &#60;b&#62;my money&#60;/b&#62; &#38; say sorry');
  expect(page).toContain('0.88 <span class="is">refund</span> Refund, please');
  for (const fact of ['npm run train -- --seed 1', '0123456789ab', 'f'.repeat(64), '4 min 05 s', 'MiniLM']) expect(page).toContain(fact);
  const images = (await readdir(dir)).filter((name) => name.endsWith('.png')).map((name) => path.basename(name, '.png'));
  const kinds = [
    'models',
    'confusion',
    'confused-intents',
    'reliability',
    'coverage',
    'confidence-intent',
    'length',
    'categories',
    'intents',
  ];
  expect(images).toEqual(expect.arrayContaining(['training', ...kinds.map((kind) => `banking77-test-${kind}`)]));
  for (const name of images) expect(page).toContain(`<figure id="${name}"><svg`);
  const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
  expect(ids).toHaveLength(new Set(ids).size);
});

test.each<
  [string, { old: Classification[] | undefined; rows: Row[]; steps: { step: number; loss: number; learningRate: number }[] }, string[]]
>([
  [
    'beside an old model',
    { old: answers('pin', 'refund', 'refund'), rows: ROWS, steps: [{ step: 1, loss: 2, learningRate: 1e-4 }] },
    ['models', 'confusion', 'reliability', 'training'],
  ],
  ['alone, before it took a step', { old: undefined, rows: ROWS, steps: [] }, ['models', 'confusion', 'reliability']],
  ['with nothing held out', { old: undefined, rows: [], steps: [] }, []],
])('a retraining draws its model %s', async (_, { old, rows, steps }, names) => {
  const plots = await drawRunPlots({ labels, rows, answers: answers('pin', 'pin', 'refund').slice(0, rows.length), old, steps });
  expect(plots.map(({ name }) => name)).toEqual(names);
  for (const { title, png } of plots) {
    expect(title).not.toBe('');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
  }
});

test('shows what is kept of promises, of the models that make any, and how the unknown is told where that was measured', async () => {
  const dir = path.join(await mkdtemp(path.join(tmpdir(), 'ticketwise-report-')), 'run');
  onTestFinished(() => rm(path.dirname(dir), { recursive: true }));
  const promising = answers('pin', 'pin', 'refund').map((answer, i) => ({
    ...answer,
    promises: [0.95, 0.98].map((precision) => ({ precision, kept: i > 0 || precision === 0.95 })),
    sure: i > 0,
    inScope: i > 0,
  }));
  const separation = { auroc: 0.9123, recall: 0.4567 };
  const scores = { probability: separation, energy: separation, logit: separation, nearestMean: separation };
  const outOfScope = {
    ...{ command: 'npm run out-of-scope', measuredAt: '', commit: 'fedcba', machine: 'a CPU', base: 'MiniLM', recipe: {}, accuracy: 0.9 },
    ...{ data: { name: 'banking77/train', sha256: '' }, leftOut: ['a', 'b'], rows: { train: 10, inScope: 5, outOfScope: 7 } },
    ...{ inside: 0.95, scores },
  };
  const page = await readFile(await writeReport(dir, { ...input, model: { name: 'abc', answers: [promising] }, outOfScope }), 'utf8');
  const cells = /<h3>What is told[\s\S]*?<\/table>/.exec(page)?.[0].match(/[\d.]+\u00a0%(?=<\/td>)/g);
  expect(cells?.map((cell) => cell.slice(0, -2))).toEqual(['100.0', '66.7', '66.7', '100.0', '66.7', '100.0', '66.7']);
  expect(page).toContain('<b>66.7\u00a0%</b>of categories told<br><small>100.0\u00a0% of them right,</small><br><small>98\u00a0% promised');
  expect(page).toContain('<td class="number">0.912</td><td class="number">45.7\u00a0%</td>');
  expect(page).toContain('learnt Banking77 without 2 of its intents');
  const before = await readFile(await writeReport(dir, input), 'utf8');
  for (const part of ['What is told', 'of categories told', 'like nothing that was learnt']) expect(before).not.toContain(part);
});

test('a report that fails leaves the one before', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-report-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  await writeFile(path.join(dir, 'report.html'), 'before');
  const nearest = () => Promise.reject(new Error('no embedding'));
  await expect(writeReport(dir, { ...input, nearest })).rejects.toThrow('no embedding');
  expect(await readFile(path.join(dir, 'report.html'), 'utf8')).toBe('before');
});

test('sets the others beside the first model on the same rows', () => {
  const kinds = compare(input.parts, [input.model, ...input.others], labels)[0]?.kinds;
  expect(kinds?.map(({ kind }) => kind)).toEqual(['intent', 'category', 'priority']);
  const [own, older] = kinds?.[0]?.standings ?? [];
  expect([own?.share.share, older?.share.share]).toEqual([2 / 3, 1 / 3]);
  expect(own?.behind).toBeUndefined();
  expect(older?.behind?.difference).toBeCloseTo(1 / 3);
});

test('draws text with its own font, the same everywhere', async () => {
  const text = (words: string) => ({ data: { values: [{}] }, mark: { type: 'text' as const }, encoding: { text: { value: words } } });
  const [some, none] = await Promise.all([text('Billing'), text(' ')].map(async (spec) => toPng(await drawSvg(spec, 'x'))));
  expect(some?.subarray(1, 4).toString()).toBe('PNG');
  expect(some?.length).toBeGreaterThan((none?.length ?? 0) + 200);
});
