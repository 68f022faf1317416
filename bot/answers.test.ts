import { expect, test } from 'vitest';
import type { Labels } from '../labels.ts';
import type { Classification } from '../models/classification.ts';
import { classified, help, notClassifiable, outOfOrder, tooLong } from './answers.ts';

const group = (id: string, name: string, emoji: string) => ({ id, name, description: '', emoji });
const labels: Labels = {
  categories: [group('billing', 'Billing', 'moneybag'), group('account', 'Account/Login', 'key')],
  priorities: [group('low', 'Low', 'large_green_circle'), group('high', 'High', 'red_circle')],
  intents: [],
};

const scored = (id: string, probability: number) => ({ id, probability });
const classification: Classification = {
  text: 'I was charged twice',
  category: scored('billing', 0.75),
  priority: scored('high', 0.6),
  intent: scored('transaction_charged_twice', 0.7),
  categories: [scored('billing', 0.75), scored('account', 0.2)],
  priorities: [scored('high', 0.6), scored('low', 0.4)],
  intents: [scored('transaction_charged_twice', 0.7), scored('other:billing', 0.05), scored('refund', 0.01)],
  chatter: 0.05,
  promises: [],
  inScope: true,
  sure: true,
  silent: false,
  model: 'abc123',
};

test('a classified text is bars, priority and intents', () => {
  const content = classified(classification, labels);
  expect(content.text).toBe('Billing, 75 % sure');
  expect(content.blocks.map((block) => (block.type === 'section' ? block.text.text : block.elements[0]?.text))).toEqual([
    '`▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇     ` 75 % :moneybag: Billing\n`▇▇▇▇                ` 20 % :key: Account/Login',
    ':red_circle: *High* priority, 60 % sure\nIntent: `transaction_charged_twice` 70 % · `other:billing` 5 % · `refund` 1 %',
    'I would tell this · 5 % that it is no ticket at all · model `abc123`',
  ]);
});

test.each<[Partial<Classification>, string]>([
  [{}, 'I would tell this ·'],
  [{ sure: false }, 'I would ask: not sure enough ·'],
  [{ sure: false, inScope: false }, 'I would ask: this is unlike what I have learnt ·'],
  [{ sure: false, silent: true }, 'I would stay silent ·'],
])('a classified text says what a message would get: %j', (decided, part) => {
  expect(JSON.stringify(classified({ ...classification, ...decided }, labels).blocks.at(-1))).toContain(part);
});

test.each([
  ['help', help(), '/ticket classify &lt;text&gt;'],
  ['an unknown command', help('dance <!here>'), '/ticket dance &lt;!here&gt;'],
  ['a long message', tooLong(40_000), '40,000 characters, and I read at most 10,000'],
  ['nothing to classify', notClassifiable(0), '/ticket classify My card'],
  ['too much to classify', notClassifiable(12_000), '12,000 characters'],
  ['something down', outOfOrder(), 'try again in a minute'],
])('%s', (_, content, part) => {
  expect(JSON.stringify(content.blocks)).toContain(part);
  expect(content.text).not.toBe('');
});
