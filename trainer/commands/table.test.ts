import { expect, test } from 'vitest';
import type { Evaluation } from '../evaluation/evaluate.ts';
import { TINY_LABELS } from '../testing.ts';
import { summariseEvaluation } from './results.ts';
import { formatEvaluation } from './table.ts';

const plain: Evaluation = { dataSet: 'seed/test', rows: 10 };
const promising: Evaluation = {
  ...plain,
  chatter: { recall: 0.95, ticketsSilenced: 0.01, separated: 0.96 },
  promises: [
    { promised: 0.95, coverage: 0.97, precision: 0.985 },
    { promised: 0.98, coverage: 0.9, precision: 0.995 },
  ],
  told: { coverage: 0.8, precision: 0.96 },
  inScope: 0.934,
};

test('a terminal shows what is told and how much of it is right', () => {
  expect(formatEvaluation(promising, TINY_LABELS).split('\n').slice(2)).toEqual([
    '  chatter recognised: 95.00 %, tickets silenced: 1.00 %; at 1 % silenced, recognised: 96.00 %',
    '  told at 95 %: 97.00 %, right: 98.50 %',
    '  told at 98 %: 90.00 %, right: 99.50 %',
    '  told by the bot: 80.00 %, right: 96.00 %',
    '  tickets in scope: 93.40 %',
  ]);
  expect(formatEvaluation(plain, TINY_LABELS)).not.toContain('told');
});

test('a manifest keeps it', () => {
  expect(summariseEvaluation(promising)).toEqual({ ...promising, dataSet: undefined });
});
