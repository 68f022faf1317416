import { expect, test } from 'vitest';
import type { Row } from '../../data/row.ts';
import { labelsOf } from '../../labels.ts';
import { trainBaseline } from './baseline.ts';
import { evaluate } from './evaluate.ts';

const group = (id: string) => ({ id, name: id, description: '', emoji: id });
const labels = labelsOf({
  categories: [group('billing'), group('account')],
  priorities: [group('low'), group('high')],
  intents: [
    { id: 'refund', category: 'billing', priority: 'low' },
    { id: 'pin', category: 'account', priority: 'high' },
  ],
});
const seed = (row: Omit<Row, 'source'>): Row => ({ ...row, source: 'seed' });
const ROWS: Row[] = [
  ...['refund me please', 'I want a refund', 'refund my order'].map((text) =>
    seed({ text, intent: 'refund', category: 'billing', priority: 'low' }),
  ),
  ...['my pin is blocked', 'pin does not work', 'blocked after a wrong pin'].map((text) =>
    seed({ text, intent: 'pin', category: 'account', priority: 'high' }),
  ),
  ...['my invoice is missing', 'invoice shows the wrong tax'].map((text) => seed({ text, category: 'billing' })),
  ...['happy birthday team', 'lunch is here', 'good morning all'].map((text) => seed({ text, chatter: true })),
];

test('answers in the shape of the classifier, so that the same figures are made of it', () => {
  const { classify, name } = trainBaseline({ labels, train: ROWS, heldOut: ROWS });
  const answers = classify(ROWS.map((row) => row.text));
  const { intent, category, priority, chatter } = evaluate({ name: 'train', rows: ROWS }, answers, labels);
  expect([intent?.accuracy, category?.accuracy, priority?.accuracy]).toEqual([1, 1, 1]);
  expect(chatter).toEqual({ recall: 1, ticketsSilenced: 0, separated: 1 });
  const answer = classify(['the invoice'])[0];
  expect(answer).toMatchObject({ text: 'the invoice', category: { id: 'billing' }, model: name });
  expect(
    [...(answer?.categories ?? []), { probability: answer?.chatter ?? 0 }].reduce((sum, { probability }) => sum + probability, 0),
  ).toBeCloseTo(1);
});

test('leaves out sources of weight 0', () => {
  const weights = { banking77: 1, seed: 0, feedback: 1, import: 1 };
  const banking: Row[] = ROWS.filter((row) => row.intent).map((row) => ({ ...row, source: 'banking77' }));
  const { classify } = trainBaseline({ labels, train: [...banking, ...ROWS], heldOut: [], weights });
  expect(classify(['good morning all'])[0]?.chatter).toBe(0);
});
