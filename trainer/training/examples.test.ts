import { describe, expect, it } from 'vitest';
import type { Row } from '../../data/row.ts';
import { labelsOf, parseTaxonomy } from '../../labels.ts';
import { allowedIntents, priorityIndex, toExamples } from './examples.ts';

const group = (id: string) => ({ id, name: id, description: '', emoji: id });
/** Heads: refund, fee, parcel, other:billing, other:order, chatter. */
const labels = labelsOf(
  parseTaxonomy(
    {
      categories: [group('billing'), group('order')],
      priorities: [group('low'), group('high')],
      intents: [
        { id: 'refund', category: 'billing', priority: 'low' },
        { id: 'fee', category: 'billing', priority: 'low' },
        { id: 'parcel', category: 'order', priority: 'high' },
      ],
    },
    'the test',
  ),
);

describe('allowedIntents', () => {
  it.each<[Partial<Row>, number[] | undefined]>([
    [{ intent: 'fee', category: 'billing' }, [1]],
    [{ intent: 'fee' }, [1]],
    [{ category: 'billing' }, [0, 1, 3]],
    [{ category: 'order' }, [2, 4]],
    [{ chatter: true }, [5]],
    [{}, undefined],
  ])('of %j are %j', (row, indices) => expect(allowedIntents(row, labels)).toEqual(indices));

  it.each<[Partial<Row>, string]>([
    [{ intent: 'lost' }, 'The intent "lost" is not one of the taxonomy.'],
    [{ category: 'sales' }, 'The category "sales" is not one of the taxonomy.'],
  ])('refuse %j', (row, message) => {
    expect(() => allowedIntents(row, labels)).toThrow(expect.objectContaining({ code: 'bad_data', message }));
  });
});

it('knows the place of a priority, or that there is none', () => {
  expect([priorityIndex({ priority: 'high' }, labels), priorityIndex({}, labels)]).toEqual([1, undefined]);
  expect(() => priorityIndex({ priority: 'p1' }, labels)).toThrow(expect.objectContaining({ code: 'bad_data' }));
});

it('makes an example of every row whose source counts', () => {
  const rows: Row[] = [
    { text: 'ab', intent: 'refund', category: 'billing', priority: 'low', source: 'banking77' },
    { text: 'abc', category: 'order', source: 'feedback' },
    { text: 'a', priority: 'high', source: 'feedback' },
    { text: 'a', chatter: true, source: 'seed' },
    { text: 'a', category: 'a category that is gone', source: 'import' },
  ];
  const tokenize = (text: string) => [101, ...Array.from(text, (c) => c.charCodeAt(0)), 102];
  expect(toExamples(rows, labels, tokenize, { banking77: 1, seed: 0.5, feedback: 3, import: 0 })).toEqual([
    { ids: [101, 97, 98, 102], intents: [0], category: [0, 1, 3], priority: 0, weight: 1 },
    { ids: [101, 97, 98, 99, 102], intents: [2, 4], category: [2, 4], priority: undefined, weight: 3 },
    { ids: [101, 97, 102], intents: undefined, category: undefined, priority: 1, weight: 3 },
    { ids: [101, 97, 102], intents: [5], category: [5], priority: undefined, weight: 0.5 },
  ]);
});
