import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Labels, labelsOf, parseTaxonomy } from '../labels.ts';
import { type Asked, type Chosen, correctionForm, readForm } from './form.ts';
import { checkView } from './playground/web-api/blocks.ts';
import type { Word } from './reply.ts';
import { LABELS } from './testing.ts';

const asked: Asked = {
  text: 'My <card> & me\nwait',
  predicted: { category: 'billing', priority: 'low' },
  words: [],
  userId: 'U1',
  metadata: '{}',
};
const word = (kind: Word['kind'], value: string, userId = 'U1', eventTs = '1.0'): Word => ({ userId, kind, value, eventTs });

/** What a menu offers, and what it is set to. */
function menuOf(form: ReturnType<typeof correctionForm>, field: string) {
  const block = form.blocks.find((one) => one.type === 'input' && one.block_id === field);
  if (block?.type !== 'input') throw new Error(`the form has no field ${field}`);
  const { element } = block;
  const groups = 'options' in element ? [{ options: element.options }] : element.option_groups;
  return { options: groups.flatMap(({ options }) => options.map(({ value }) => value)), initial: element.initial_option?.value };
}

describe('the form', () => {
  test('quotes the message and offers every category, priority and named intent', () => {
    const form = correctionForm(asked, LABELS);
    expect(form.blocks[0]).toMatchObject({ text: { text: '> My &lt;card&gt; &amp; me\n> wait' } });
    expect(menuOf(form, 'category')).toEqual({ options: ['billing', 'account', 'general', 'chatter'], initial: 'billing' });
    expect(menuOf(form, 'priority')).toEqual({ options: ['low', 'medium', 'high'], initial: 'low' });
    expect(menuOf(form, 'intent')).toEqual({ options: ['refund', 'login'], initial: undefined });
  });

  test.each<[string, Word[], [category: string | undefined, priority: string | undefined, intent: string | undefined]]>([
    ['what is predicted', [], ['billing', 'low', undefined]],
    ['what others say', [word('category', 'account', 'U2')], ['account', 'low', undefined]],
    [
      'what one said oneself, whoever came later',
      [word('category', 'general', 'U1', '1.0'), word('category', 'account', 'U2', '2.0'), word('intent', 'login', 'U2')],
      ['general', 'low', undefined],
    ],
    ['one’s own intent', [word('category', 'account'), word('intent', 'login')], ['account', 'low', 'login']],
    ['no ticket', [word('category', 'chatter', 'U2')], ['chatter', 'low', undefined]],
    ['nothing where the label is gone', [word('priority', 'urgent')], ['billing', undefined, undefined]],
  ])('begins at %s', (_, words, [category, priority, intent]) => {
    const form = correctionForm({ ...asked, words }, LABELS);
    expect([menuOf(form, 'category').initial, menuOf(form, 'priority').initial, menuOf(form, 'intent').initial]).toEqual([
      category,
      priority,
      intent,
    ]);
  });

  const shipped = new URL('../data/taxonomy.json', import.meta.url);
  const many = (count: number, of: (i: number) => object) => Array.from({ length: count }, (_, i) => of(i));
  const huge = {
    categories: many(150, (i) => ({ id: `c${i}`, name: `${'n'.repeat(200)}${i}`, description: '', emoji: `e${i}` })),
    priorities: many(150, (i) => ({ id: `p${i}`, name: `${'n'.repeat(200)}${i}`, description: '', emoji: `f${i}` })),
    intents: many(400, (i) => ({ id: `${'x'.repeat(76)}${i}`, category: `c${i % 2}`, priority: 'p0' })),
  };
  const bare = { categories: huge.categories.slice(0, 2), priorities: huge.priorities.slice(0, 2), intents: [] };
  test.each<[string, unknown]>([
    ['the taxonomy that is shipped', JSON.parse(readFileSync(shipped, 'utf8'))],
    ['a huge one', huge],
    ['one without intents', bare],
  ])('is one that Slack takes, for %s', (_, taxonomy) => {
    const form = correctionForm({ ...asked, text: '&\n'.repeat(5000) }, labelsOf(parseTaxonomy(taxonomy, 'the test')));
    expect(() => checkView(form)).not.toThrow();
    expect(form.blocks).toHaveLength(taxonomy === bare ? 3 : 4);
  });
});

describe('a form that was sent', () => {
  const values = (category: string | null, priority: string | null, intent?: string | null) => {
    const menu = (value: string | null) => ({ chosen: { type: 'static_select', selected_option: value === null ? null : { value } } });
    return { category: menu(category), priority: menu(priority), ...(intent === undefined ? {} : { intent: menu(intent) }) };
  };

  test.each<[string, ReturnType<typeof values>, Chosen]>([
    ['without an intent', values('billing', 'low', null), { category: 'billing', priority: 'low', intent: null }],
    ['that did not ask for one', values('billing', 'low'), { category: 'billing', priority: 'low', intent: null }],
    ['with one of its category', values('account', 'high', 'login'), { category: 'account', priority: 'high', intent: 'login' }],
    ['of what is no ticket', values('chatter', 'low', null), { category: 'chatter', priority: 'low', intent: null }],
  ])('%s is read', (_, sent, chosen) => {
    expect(readForm(sent, LABELS)).toEqual({ chosen });
  });

  const other: Labels = { ...LABELS, intents: [] };
  test.each<[string, ReturnType<typeof values>, Labels, string, string]>([
    ['a category that is gone', values('gone', 'low'), LABELS, 'category', 'is gone meanwhile'],
    ['no category', values(null, 'low'), LABELS, 'category', 'is gone meanwhile'],
    ['a priority that is gone', values('billing', 'urgent'), LABELS, 'priority', 'is gone meanwhile'],
    ['an intent that is gone', values('billing', 'low', 'refund'), other, 'intent', 'is gone meanwhile'],
    ['an intent of another category', values('billing', 'low', 'login'), LABELS, 'intent', 'an intent of Account/Login'],
    ['an intent of what is no ticket', values('chatter', 'low', 'refund'), LABELS, 'intent', 'an intent of Billing'],
    ['the intent that stands for chatter', values('billing', 'low', 'chatter'), LABELS, 'intent', 'is gone meanwhile'],
  ])('%s is said beside its field', (_, sent, labels, field, why) => {
    const read = readForm(sent, labels);
    expect(read).toEqual({ errors: { [field]: expect.stringContaining(why) } });
  });
});
