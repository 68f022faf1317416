import { expect, test } from 'vitest';
import { labelWords } from './label-words.ts';
import { readTaxonomy } from './taxonomy.ts';

const taxonomy = await readTaxonomy();
const words = labelWords(taxonomy, [
  'Bug=technical',
  ' in  Transit = Order/Delivery',
  'A=B=High',
  'urgent=HIGH',
  'urgent=technical',
  'Spam=chatter',
  'none=',
]);

test.each([
  ['category', 'billing', 'billing'],
  ['category', ' BILLING ', 'billing'],
  ['category', 'account/login', 'account'],
  ['category', 'General  Inquiry', 'general'],
  ['category', 'bug', 'technical'],
  ['category', 'In Transit', 'order'],
  ['category', 'spam', 'chatter'],
  ['category', 'urgent', 'technical'],
  ['priority', 'Urgent', 'high'],
  ['priority', 'a=b', 'high'],
  ['priority', 'none', ''],
  ['priority', ' ', ''],
  ['priority', 'bug', undefined],
  ['priority', 'billing', undefined],
  ['category', 'high', undefined],
  ['intent', 'Track_Order', 'track_order'],
  ['intent', 'refund_not_showing_up', 'Refund_not_showing_up'],
  ['intent', 'chatter', undefined],
] as const)('as a %s, "%s" means %s', (kind, word, id) => {
  expect(words.idOf(kind, word)).toBe(id);
});

test('knows which mappings were of use', () => {
  const own = labelWords(taxonomy, ['Bug=technical', 'Bugg=technical']);
  own.idOf('category', 'bug');
  expect(own.unused()).toEqual(['Bugg=technical']);
});

test.each([
  [['Bug'], /not FROM=TO/],
  [['=technical'], /not FROM=TO/],
  [['Bug=technic'], /"technic" is not in the taxonomy\. Categories: billing \(Billing\)/],
  [['Bug=technical', 'bug=billing'], /two meanings as a category: technical and billing/],
])('refuses --map %j', (mappings, message) => {
  expect(() => labelWords(taxonomy, mappings)).toThrow(
    expect.objectContaining({ code: 'bad_usage', message: expect.stringMatching(message) }),
  );
});
