import { expect, test } from 'vitest';
import { labelsOf, parseTaxonomy } from '../labels.ts';
import { labelOfReaction } from './label-of-reaction.ts';

const group = (id: string, emoji: string) => ({ id, name: id, description: '', emoji });
const taxonomy = {
  categories: [group('billing', 'moneybag'), group('praise', '+1')],
  priorities: [group('low', 'large_green_circle'), group('high', 'red_circle')],
  intents: [],
};
const labels = labelsOf(parseTaxonomy(taxonomy, 'here'));

test.each([
  ['moneybag', { kind: 'category', value: 'billing' }],
  ['red_circle', { kind: 'priority', value: 'high' }],
  ['white_check_mark', { kind: 'verdict', value: 'right' }],
  ['heavy_check_mark', { kind: 'verdict', value: 'right' }],
  ['thumbsup', { kind: 'verdict', value: 'right' }],
  ['x', { kind: 'verdict', value: 'wrong' }],
  ['-1', { kind: 'verdict', value: 'wrong' }],
  ['-1::skin-tone-4', { kind: 'verdict', value: 'wrong' }],
  ['tada', undefined],
  ['', undefined],
  ['toString', undefined],
])('%s', (name, said) => {
  expect(labelOfReaction(name, labels)).toEqual(said);
});

test('an emoji of the taxonomy goes before its common meaning', () => {
  expect(labelOfReaction('+1', labels)).toEqual({ kind: 'category', value: 'praise' });
});
