import { expect, test } from 'vitest';
import { leaves, type RunNews, runReport, shown } from './run-report.ts';

const run: RunNews = {
  state: 'queued',
  requestedBy: 'U1',
  progress: null,
  result: null,
  modelVersion: null,
  promoted: null,
  reason: null,
  error: null,
};
const text = (news: Partial<RunNews>) =>
  runReport({ ...run, ...news })
    .blocks.map((block) => (block.type === 'section' ? block.text.text : ''))
    .join('\n---\n');

test.each<[string, Partial<RunNews>, string]>([
  ['queued', {}, ':hourglass_flowing_sand: *Training*, asked for by <@U1>: waiting for a trainer'],
  [
    'asked for by a schedule',
    { requestedBy: 'the schedule' },
    ':hourglass_flowing_sand: *Training*, asked for by the schedule: waiting for a trainer',
  ],
  ['starting', { state: 'running' }, ':hourglass_flowing_sand: *Training*, asked for by <@U1>\nstarting'],
  [
    'preparing',
    { state: 'running', progress: { phase: 'Reading data', step: 0, steps: 0, loss: null, secondsLeft: null } },
    ':hourglass_flowing_sand: *Training*, asked for by <@U1>\nReading data',
  ],
  [
    'training',
    { state: 'running', progress: { phase: 'Training', step: 30, steps: 60, loss: 1.5, secondsLeft: 42 } },
    ':hourglass_flowing_sand: *Training*, asked for by <@U1>\nTraining · `▇▇▇▇▇▇▇▇▇▇          ` 50 % · loss 1.500 · 42 s left',
  ],
  [
    'failed',
    { state: 'failed', error: 'No <space>' },
    ':warning: *The training failed*, asked for by <@U1>. What was live stays live.\nNo &lt;space&gt;',
  ],
  [
    'promoted',
    { state: 'succeeded', promoted: true, modelVersion: 'abc', reason: 'Better', result: { old: null, new: { accuracy: 0.93 } } },
    ':white_check_mark: *Model `abc` is live*. Training asked for by <@U1>.\nBetter\n---\n```\n               old       new\naccuracy         -    93.0 %\n```',
  ],
  [
    'measured on one row of the team’s own',
    {
      state: 'succeeded',
      promoted: true,
      modelVersion: 'abc',
      reason: 'Better',
      result: { old: { feedback: { rows: 0 } }, new: { feedback: { rows: 1, accuracy: 1 } } },
    },
    ':white_check_mark: *Model `abc` is live*. Training asked for by <@U1>.\nBetter\n---\n```\n                        old       new\nfeedback.rows             0         1\nfeedback.accuracy         -   100.0 %\n```',
  ],
])('%s', (_, news, shownText) => {
  expect(text(news)).toBe(shownText);
});

test('fits into Slack’s limits, whatever the trainer wrote', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${'<'.repeat(100)}${i}`, i / 7]));
  const content = runReport({ ...run, state: 'succeeded', promoted: false, reason: 'r'.repeat(9000), result: { old: many, new: many } });
  for (const block of content.blocks) expect(JSON.stringify(block).length).toBeLessThanOrEqual(3100);
  expect(runReport({ ...run, state: 'failed', error: 'e'.repeat(9000) }).text.length).toBeLessThanOrEqual(3000);
});

test('figures are numbers by their path', () => {
  expect(leaves({ a: 1, b: { c: 0.5, confusion: [[1]], name: 'x', none: null, nan: Number.NaN } })).toEqual([
    ['a', 1],
    ['b.c', 0.5],
  ]);
  expect([undefined, 0.9134, 1500, 12.34567].map(shown)).toEqual(['-', '91.3 %', '1,500', '12.35']);
});
