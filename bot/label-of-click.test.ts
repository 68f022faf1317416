import { expect, test } from 'vitest';
import { CORRECT, clickOf, labelOfClick, SAYS } from './label-of-click.ts';
import type { Said } from './label-of-reaction.ts';
import { LABELS } from './testing.ts';

test.each<[string, Said | undefined]>([
  ['say:verdict:right', { kind: 'verdict', value: 'right' }],
  ['say:verdict:wrong', { kind: 'verdict', value: 'wrong' }],
  ['say:verdict:perhaps', undefined],
  ['say:category:billing', { kind: 'category', value: 'billing' }],
  ['say:category:gone', undefined],
  ['say:category:', undefined],
  ['say:priority:high', undefined],
  [CORRECT, undefined],
])('%s', (actionId, said) => {
  expect(labelOfClick(actionId, LABELS)).toEqual(said);
});

test('a button says again what it was made of, whatever the id', () => {
  const labels = { categories: [{ ...(LABELS.categories[0] as (typeof LABELS.categories)[0]), id: 'a:b?' }] };
  const actionId = clickOf({ kind: 'category', value: 'a:b?' });
  expect(actionId).toMatch(SAYS);
  expect(labelOfClick(actionId, labels)).toEqual({ kind: 'category', value: 'a:b?' });
});
