import { describe, expect, test } from 'vitest';
import type { Labels } from '../labels.ts';
import { reply, type Verdict, type Word } from './reply.ts';

const group = (id: string, name: string, emoji: string) => ({ id, name, description: '', emoji });
const labels: Labels = {
  categories: [
    group('billing', 'Billing', 'moneybag'),
    group('account', 'Account/Login', 'key'),
    group('order', 'R&D <orders>', 'package'),
  ],
  priorities: [group('low', 'Low', 'large_green_circle'), group('high', 'High', 'red_circle')],
  intents: [],
};
const prediction: Verdict = {
  category: { id: 'billing', probability: 0.917 },
  priority: { id: 'high', probability: 0.8 },
  intent: { id: 'other:billing', probability: 0.6 },
  categories: [],
  sure: true,
  inScope: true,
};
const word = (kind: Word['kind'], value: string, userId = 'U1', eventTs = '1.0'): Word => ({ userId, kind, value, eventTs });
const lines = (words: Word[], verdict = prediction, of = labels) => {
  const block = reply(verdict, words, of).blocks[0];
  return block?.type === 'section' ? block.text.text.split('\n') : [];
};

test('a fresh reply names category, priority, confidence, and the buttons and reactions that correct it', () => {
  expect(reply(prediction, [], labels)).toEqual({
    text: 'Billing, High priority, 92 % sure',
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: ':moneybag: *Billing* · 92 % sure\n:red_circle: *High* priority' } },
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'say:verdict:right', text: { type: 'plain_text', text: ':white_check_mark: Right', emoji: true } },
          { type: 'button', action_id: 'correct', text: { type: 'plain_text', text: 'Correct…', emoji: true } },
        ],
      },
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: 'Or with a reaction: :white_check_mark: right · :x: wrong · :moneybag: Billing · :key: Account/Login · :package: R&amp;D &lt;orders&gt; · :large_green_circle: Low · :red_circle: High',
          },
        ],
      },
    ],
  });
});

test.each<[string, Word[], string[]]>([
  [
    'a corrected category',
    [word('category', 'account')],
    [':moneybag: ~Billing~ :key: *Account/Login*, corrected by <@U1>', ':red_circle: *High* priority'],
  ],
  [
    'two people agree',
    [word('category', 'account'), word('category', 'account', 'U2', '2.0')],
    [':moneybag: ~Billing~ :key: *Account/Login*, corrected by <@U2> and <@U1>', ':red_circle: *High* priority'],
  ],
  [
    'the latest word counts, and the other is shown',
    [word('category', 'account', 'U1', '3.0'), word('category', 'order', 'U2', '2.0')],
    [':moneybag: ~Billing~ :key: *Account/Login*, corrected by <@U1> · <@U2> says R&amp;D &lt;orders&gt;', ':red_circle: *High* priority'],
  ],
  [
    'a confirmed category',
    [word('category', 'billing')],
    [':moneybag: *Billing*, confirmed by <@U1> · 92 % sure', ':red_circle: *High* priority'],
  ],
  [
    'a corrected priority',
    [word('priority', 'low')],
    [':moneybag: *Billing* · 92 % sure', ':red_circle: ~High~ :large_green_circle: *Low* priority, corrected by <@U1>'],
  ],
  [
    'right and wrong',
    [word('verdict', 'right'), word('verdict', 'wrong', 'U2')],
    [':moneybag: *Billing* · 92 % sure', ':red_circle: *High* priority', ':white_check_mark: Right, says <@U1> · :x: Wrong, says <@U2>'],
  ],
  ['no ticket', [word('category', 'chatter')], [':moneybag: ~Billing~ :speech_balloon: *No ticket*, corrected by <@U1>']],
  ['a label that is gone', [word('category', 'old')], [':moneybag: ~Billing~ *old*, corrected by <@U1>', ':red_circle: *High* priority']],
])('%s', (_, words, shown) => {
  expect(lines(words)).toEqual(shown);
});

describe('a reply that asks', () => {
  const scored = (...probabilities: number[]) =>
    ['billing', 'account', 'order'].map((id, i) => ({ id, probability: probabilities[i] ?? 0 }));
  const doubtful = (probabilities: number[], inScope = true): Verdict => {
    const categories = scored(...probabilities);
    return { ...prediction, category: categories[0] as Verdict['category'], categories, sure: false, inScope };
  };

  test('names the likeliest categories and how they are told', () => {
    const { text, blocks } = reply(doubtful([0.48, 0.4, 0.05]), [], labels);
    expect(text).toBe('Not sure: Billing (48 %) or Account/Login (40 %)? High priority');
    expect(blocks).toEqual([
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: 'Not sure: :moneybag: *Billing* (48 %) or :key: *Account/Login* (40 %)?\n:red_circle: *High* priority',
        },
      },
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'say:category:billing', text: { type: 'plain_text', text: ':moneybag: Billing', emoji: true } },
          { type: 'button', action_id: 'say:category:account', text: { type: 'plain_text', text: ':key: Account/Login', emoji: true } },
          { type: 'button', action_id: 'correct', text: { type: 'plain_text', text: 'Another…', emoji: true } },
        ],
      },
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: expect.stringMatching(/^Or with a reaction: :white_check_mark: the first · :x: none of these · :moneybag: Billing/),
          },
        ],
      },
    ]);
  });

  test.each<[string, Verdict, string, string]>([
    [
      'three',
      doubtful([0.4, 0.3, 0.2]),
      'Not sure: :moneybag: *Billing* (40 %), :key: *Account/Login* (30 %) or :package: *R&amp;D &lt;orders&gt;* (20 %)?',
      'the first',
    ],
    ['one where the others are unlikely', doubtful([0.9, 0.06, 0.04]), 'Not sure: :moneybag: *Billing* (90 %)?', ': right'],
    ['one that is unlikely itself', doubtful([0.05]), 'Not sure: :moneybag: *Billing* (5 %)?', ': right'],
    [
      'that the message is unlike others',
      doubtful([0.99], false),
      'Not sure, this is unlike what I have learnt: :moneybag: *Billing* (99 %)?',
      ': right',
    ],
  ])('names %s', (_, verdict, question, hint) => {
    expect(lines([], verdict)[0]).toBe(question);
    expect(JSON.stringify(reply(verdict, [], labels).blocks.at(-1))).toContain(hint);
  });

  test.each<[string, Word[], string[]]>([
    [
      'is a correction once somebody named another',
      [word('category', 'account')],
      [':moneybag: ~Billing~ :key: *Account/Login*, corrected by <@U1>', ':red_circle: *High* priority'],
    ],
    [
      'is a confirmation once somebody named the first',
      [word('category', 'billing')],
      [':moneybag: *Billing*, confirmed by <@U1> · 48 % sure', ':red_circle: *High* priority'],
    ],
    [
      'is told once somebody says right',
      [word('verdict', 'right')],
      [':moneybag: *Billing* · 48 % sure', ':red_circle: *High* priority', ':white_check_mark: Right, says <@U1>'],
    ],
    [
      'still asks after a mere wrong',
      [word('verdict', 'wrong')],
      ['Not sure: :moneybag: *Billing* (48 %) or :key: *Account/Login* (40 %)?', ':red_circle: *High* priority', ':x: Wrong, says <@U1>'],
    ],
    [
      'still asks after a word on the priority',
      [word('priority', 'low')],
      [
        'Not sure: :moneybag: *Billing* (48 %) or :key: *Account/Login* (40 %)?',
        ':red_circle: ~High~ :large_green_circle: *Low* priority, corrected by <@U1>',
      ],
    ],
  ])('%s', (_, words, shown) => {
    expect(lines(words, doubtful([0.48, 0.4, 0.05]))).toEqual(shown);
  });

  test('tells no intent before the category is known', () => {
    const intents = [{ id: 'refund', category: 'billing', priority: 'low' }];
    const verdict = { ...doubtful([0.48, 0.4]), intent: { id: 'refund', probability: 0.4 } };
    expect(lines([], verdict, { ...labels, intents }).join()).not.toContain('Intent');
    expect(lines([word('category', 'billing')], verdict, { ...labels, intents })).toContain('Intent: refund');
  });
});

describe('Slack’s limits', () => {
  const longName = (i: number) => group(`c${i}`, `${'&'.repeat(4000)}${i}`, `emoji${i}`);
  const huge: Labels = { ...labels, categories: Array.from({ length: 100 }, (_, i) => longName(i)) };
  const crowd = Array.from({ length: 500 }, (_, i) =>
    word(i % 2 === 0 ? 'category' : 'verdict', i % 2 === 0 ? `c${i % 7}` : 'right', `U${i}`),
  );

  test('hold for any taxonomy and any number of people', () => {
    const category = { id: 'c1', probability: 1 };
    const contents = [
      reply({ ...prediction, category }, crowd, huge),
      reply({ ...prediction, category, categories: Array(5).fill(category), sure: false }, [], huge),
    ];
    for (const block of contents.flatMap(({ blocks }) => blocks)) {
      const texts =
        block.type === 'section'
          ? [block.text.text]
          : block.elements.map((element) => (element.type === 'button' ? element.text.text : element.text));
      for (const text of texts) {
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(block.type === 'actions' ? 75 : 3000);
      }
    }
  });
});

test.each<[string, string, Word[], string[]]>([
  ['a named intent is told', 'card_arrival', [], ['Intent: card arrival']],
  ['not one that stands for the rest of a category', 'other:order', [], []],
  ['not one that a correction contradicts', 'card_arrival', [word('category', 'account')], []],
  ['still one that a correction confirms', 'card_arrival', [word('category', 'order')], ['Intent: card arrival']],
  ['one that somebody named', 'card_arrival', [word('category', 'order'), word('intent', 'card_lost')], ['Intent: card lost, says <@U1>']],
  ['one that somebody confirmed', 'card_arrival', [word('intent', 'card_arrival')], ['Intent: card arrival, says <@U1>']],
  ['not one that was named before another category', 'card_arrival', [word('intent', 'card_lost'), word('category', 'account')], []],
])('%s', (_, id, words, expected) => {
  const intents = [
    { id: 'card_arrival', category: 'order', priority: 'low' },
    { id: 'card_lost', category: 'order', priority: 'low' },
    { id: 'other:order', category: 'order', priority: 'low' },
  ];
  const told = lines(words, { ...prediction, intent: { id, probability: 0.9 } }, { ...labels, intents });
  expect(told.filter((line) => line.startsWith('Intent'))).toEqual(expected);
});
