import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CHATTER, labelsOf, otherIntent, parseTaxonomy } from './labels.ts';

const group = (id: string, emoji = id) => ({ id, name: id, description: '', emoji });
const taxonomy = {
  categories: [group('billing'), group('order')],
  priorities: [group('low'), group('medium'), group('high')],
  intents: [
    { id: 'refund', category: 'billing', priority: 'high' },
    { id: 'Where?', category: 'order', priority: 'low' },
  ],
};

describe('parseTaxonomy', () => {
  it('takes a taxonomy as it is', () => {
    expect(parseTaxonomy(taxonomy, 'here')).toEqual(taxonomy);
  });

  it.each<[string, unknown, string]>([
    ['what is no object', null, 'here is no taxonomy'],
    ['an unknown key', { ...taxonomy, teams: [] }, 'teams'],
    ['one category', { ...taxonomy, categories: [group('billing')] }, 'categories'],
    ['one priority', { ...taxonomy, priorities: [group('low')] }, 'priorities'],
    ['an id with a space', { ...taxonomy, intents: [{ id: 'a b', category: 'order', priority: 'low' }] }, 'an id is 1 to 80 letters'],
    ['an emoji with colons', { ...taxonomy, priorities: [group('low'), group('high', ':fire:')] }, 'without colons'],
    ['an id of two groups', { ...taxonomy, priorities: [group('low'), group('order', 'fire')] }, 'the id "order" is there twice'],
    ['an id of a group and an intent', intents({ id: 'order', category: 'order', priority: 'low' }), 'the id "order" is there twice'],
    [
      'an emoji of two meanings',
      { ...taxonomy, priorities: [group('low'), group('high', 'billing')] },
      'the emoji "billing" stands for two',
    ],
    [
      'an unknown category',
      intents({ id: 'a', category: 'sales', priority: 'low' }),
      'category "sales", which is not one of billing, order',
    ],
    [
      'an unknown priority',
      intents({ id: 'a', category: 'order', priority: 'p1' }),
      'priority "p1", which is not one of low, medium, high',
    ],
    ['chatter', intents({ id: 'chatter', category: 'order', priority: 'low' }), 'intent "chatter" is reserved'],
    [
      'a category called chatter',
      { ...taxonomy, categories: [group('billing'), group('chatter', 'tea')], intents: [] },
      'the id "chatter" is reserved',
    ],
    ['the rest of a category', intents({ id: 'other:order', category: 'order', priority: 'low' }), 'intent "other:order" is reserved'],
  ])('refuses %s', (_, json, what) => {
    const error = expect.objectContaining({ code: 'bad_data', message: expect.stringContaining(what) });
    expect(() => parseTaxonomy(json, 'here')).toThrow(error);
  });

  it('takes the one that the project ships', async () => {
    const { intents } = parseTaxonomy(JSON.parse(await readFile('data/taxonomy.json', 'utf8')), 'data/taxonomy.json');
    expect(intents.length).toBeGreaterThanOrEqual(77);
  });
});

describe('labelsOf', () => {
  it('adds the rest of each category, of middle priority, and chatter, of the lowest', () => {
    expect(labelsOf(parseTaxonomy(taxonomy, 'here'))).toEqual({
      categories: taxonomy.categories,
      priorities: taxonomy.priorities,
      intents: [
        ...taxonomy.intents,
        { id: otherIntent('billing'), category: 'billing', priority: 'medium' },
        { id: 'other:order', category: 'order', priority: 'medium' },
        { id: CHATTER, category: null, priority: 'low' },
      ],
    });
  });

  it('takes the lower of two priorities for the middle', () => {
    const two = parseTaxonomy({ ...taxonomy, priorities: [group('low'), group('high')] }, 'here');
    expect(labelsOf(two).intents.map(({ priority }) => priority)).toEqual(['high', 'low', 'low', 'low', 'low']);
  });
});

function intents(...list: { id: string; category: string; priority: string }[]) {
  return { ...taxonomy, intents: list };
}
