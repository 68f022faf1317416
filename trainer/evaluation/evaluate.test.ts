import { describe, expect, it } from 'vitest';
import type { Row } from '../../data/row.ts';
import type { Labels } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import { agreement, evaluate, judge, outcomeOf } from './evaluate.ts';

const group = (id: string) => ({ id, name: id, description: '', emoji: id });
const labels: Labels = {
  categories: [group('billing'), group('order')],
  priorities: [group('low'), group('medium'), group('high')],
  intents: [
    { id: 'refund', category: 'billing', priority: 'low' },
    { id: 'parcel', category: 'order', priority: 'low' },
    { id: 'chatter', category: null, priority: 'low' },
  ],
};
const row = (label: Partial<Row>): Row => ({ text: 'x', source: 'seed', ...label });
const scored = (id: string, probability = 0.5) => ({ id, probability });
const answer = (intent: string, category: string, priority: string): Classification => ({
  text: 'x',
  intent: scored(intent),
  category: scored(category, 0.75),
  priority: scored(priority),
  categories: [],
  priorities: [],
  intents: [],
  chatter: 0,
  promises: [],
  inScope: true,
  sure: true,
  silent: intent === 'chatter',
  model: 'm',
});

const rows = [
  row({ intent: 'refund', category: 'billing', priority: 'high' }),
  row({ category: 'order', priority: 'high' }),
  row({ category: 'order', priority: 'low' }),
  row({ chatter: true }),
  row({ chatter: true }),
];
const answers = [
  answer('refund', 'billing', 'low'),
  answer('chatter', 'order', 'medium'),
  answer('refund', 'billing', 'low'),
  answer('chatter', 'order', 'low'),
  answer('parcel', 'order', 'low'),
];

describe('evaluate', () => {
  const evaluation = evaluate({ name: 'five', rows }, answers, labels);

  it('scores each kind on the rows that have it', () => {
    expect(evaluation).toMatchObject({
      dataSet: 'five',
      rows: 5,
      intent: { rows: 1, accuracy: 1 },
      category: { rows: 3, accuracy: 2 / 3 },
      priority: { rows: 3, accuracy: 1 / 3 },
    });
  });

  it('tells high taken for low, of all that is high', () => expect(evaluation.highCalledLow).toBe(1 / 2));

  it('tells chatter that is found, of all chatter, and tickets that are silenced, of all tickets', () => {
    expect(evaluation.chatter).toMatchObject({ recall: 1 / 2, ticketsSilenced: 1 / 3 });
    const silentOnAll = answers.map((one) => ({ ...one, silent: true }));
    expect(evaluate({ name: 'five', rows }, silentOnAll, labels).chatter).toMatchObject({ recall: 1, ticketsSilenced: 1 });
  });

  it('leaves out what no row has a label for', () => {
    const only = evaluate({ name: 'one', rows: [row({ category: 'order' })] }, answers, labels);
    expect(Object.keys(only).sort()).toEqual(['category', 'dataSet', 'rows']);
  });

  it('does not fail on nothing', () => expect(evaluate({ name: 'none', rows: [] }, [], labels)).toEqual({ dataSet: 'none', rows: 0 }));
});

it('sets answers beside labels', () => {
  expect(judge(rows, answers, 'category')).toEqual([
    { truth: 'billing', answer: 'billing', probability: 0.75 },
    { truth: 'order', answer: 'order', probability: 0.75 },
    { truth: 'order', answer: 'billing', probability: 0.75 },
  ]);
});

it('tells the gate what was right, row by row', () => {
  expect(outcomeOf(rows, answers)).toEqual({ category: [true, true, false], priority: [false, false, true] });
});

it.each([
  ['itself', answers, 1],
  ['one that answers three of five otherwise', [...answers.slice(2), ...answers.slice(0, 2)], 2 / 5],
  ['one that answers nothing', [], 0],
])('agrees with %s', (_, other, share) => expect(agreement(answers, other)).toBe(share));
