import { expect, test } from 'vitest';
import { formatMarkdown, formatText, judge } from './table.ts';

const table = {
  title: 'Lengths',
  columns: ['what', 'ms'],
  rows: [
    ['a | b', '1.50'],
    ['c', '12.00'],
  ],
  notes: ['Two cores.'],
};

test.each([
  [2, { atMost: 2.5 }, 'ms', '<= 2.5 ms, met'],
  [2.6, { atMost: 2.5 }, 'ms', '<= 2.5 ms, missed'],
  [700, { atLeast: 600 }, '', '>= 600, met'],
  [599, { atLeast: 600 }, '', '>= 600, missed'],
] as const)('%d against %j is "%s%s"', (value, goal, unit, expected) => expect(judge(value, goal, unit)).toBe(expected));

test('text is aligned', () => {
  expect(formatText(table).split('\n')).toEqual(['Lengths', '  what       ms', '  a | b    1.50', '  c       12.00', '  Two cores.']);
});

test('a bar in a cell does not end it in Markdown', () => {
  expect(formatMarkdown(table).split('\n')).toEqual([
    '**Lengths**',
    '',
    '| what | ms |',
    '|---|---:|',
    '| a \\| b | 1.50 |',
    '| c | 12.00 |',
    '',
    'Two cores.',
  ]);
});
