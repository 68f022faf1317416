import { expect, test } from 'vitest';
import { completionsFor } from './completion.ts';

const state = {
  commands: [
    {
      command: '/ticket',
      subcommands: [
        { usage: 'classify <text>', description: '' },
        { usage: 'retrain', description: '' },
        { usage: 'help', description: '' },
      ],
    },
  ],
  users: [{ id: 'U1', name: 'maya', realName: 'Maya Lindqvist', role: '', title: '', isBot: false, isAdmin: false }],
  meanings: [{ title: 'Category', items: [{ emoji: 'moneybag', meaning: 'Billing' }] }],
};
const emoji = { moneybag: '💰', money_with_wings: '💸', key: '🔑' };

const cases: [typed: string, from: number, inserts: string[]][] = [
  ['/', 0, ['/ticket classify ', '/ticket retrain', '/ticket help']],
  ['/ticket r', 0, ['/ticket retrain']],
  ['/ticket retrain', 0, []],
  ['/ticket classify something', 0, []],
  ['not /ticket', 0, []],
  ['hello @ma', 6, ['@maya ']],
  ['pay :money', 4, [':moneybag: ', ':money_with_wings: ']],
  ['mail@maya', 0, []],
  ['10:30', 0, []],
  [':', 0, []],
];

test.each(cases)('%j', (typed, from, inserts) => {
  const offers = completionsFor(typed, typed.length, state, emoji);
  expect(offers?.items.map((item) => item.insert) ?? []).toEqual(inserts);
  if (inserts.length > 0) expect(offers?.from).toBe(from);
});
