import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Row } from '../../data/row.ts';
import { CHATTER, labelsOf } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import { chooseSamples, type Sample } from './samples.ts';
import { writeSamples } from './samples-page.ts';

const group = (id: string, name: string) => ({ id, name, description: '', emoji: id });
const labels = labelsOf({
  categories: [group('billing', 'Billing'), group('order', 'Order/Delivery')],
  priorities: [group('low', 'Low'), group('high', 'High')],
  intents: [{ id: 'late_parcel', category: 'order', priority: 'high' }],
});
const ticket = (text: string, more: Partial<Row> = {}): Row => ({ text, category: 'order', priority: 'high', source: 'seed', ...more });
const chatter = (text: string): Row => ({ text, chatter: true, source: 'seed' });

/** An answer in short: its category and priority with their probabilities, and that of chatter. */
function answer(category: [string, number], priority: [string, number] = ['high', 0.8], isChatter = 0): Classification {
  const scored = ([id, probability]: [string, number]) => ({ id, probability });
  return {
    text: '',
    category: scored(category),
    priority: scored(priority),
    intent: isChatter > 0.5 ? { id: CHATTER, probability: isChatter } : { id: 'late_parcel', probability: 0.6 },
    categories: [],
    priorities: [],
    intents: [],
    chatter: isChatter,
    promises: [],
    inScope: true,
    sure: category[1] > 0.9,
    silent: isChatter > 0.5,
    model: 'm',
  };
}
const texts = (samples: readonly Sample[]) => samples.map(({ row }) => row.text);

describe('the choice', () => {
  const many = Array.from({ length: 50 }, (_, i) => ticket(`message ${i}`));

  test('of what is drawn looks at the text alone: not at answers, nor at the order of the rows', () => {
    const [good, bad] = [many.map(() => answer(['order', 0.99])), many.map(() => answer(['billing', 0.99]))];
    const sizes = { drawn: 10, mistakes: 5 };
    const drawn = texts(chooseSamples(many, good, sizes).drawn);
    expect(drawn).toHaveLength(10);
    expect(texts(chooseSamples(many, bad, sizes).drawn)).toEqual(drawn);
    expect(texts(chooseSamples(many.toReversed(), good, sizes).drawn)).toEqual(drawn);
  });

  test('of mistakes takes the most confident, and counts all', () => {
    const answers = many.map((_, i) =>
      answer(i < 30 ? ['billing', 0.5 + i / 100] : ['order', 0.9], i < 2 ? ['low', 0.6 + i / 10] : undefined),
    );
    const { wrongCategory, wrongPriority } = chooseSamples(many, answers, { drawn: 1, mistakes: 3 });
    expect(texts(wrongCategory.shown)).toEqual(['message 29', 'message 28', 'message 27']);
    expect(wrongCategory).toMatchObject({ count: 30, among: 50 });
    expect(texts(wrongPriority.shown)).toEqual(['message 1', 'message 0']);
    expect(wrongPriority).toMatchObject({ count: 2, among: 50 });
  });

  test('has chatter that is answered and tickets that are not, the surest first', () => {
    const rows = [chatter('thanks'), chatter('haha'), chatter('hi'), ticket('ty, but where is it'), ticket('where is it')];
    const answers = [0.9, 0.4, 0.1, 0.7, 0.1].map((isChatter) => answer(['order', 0.9], undefined, isChatter));
    const { missedChatter, silenced } = chooseSamples(rows, answers);
    expect(texts(missedChatter.shown)).toEqual(['hi', 'haha']);
    expect(missedChatter).toMatchObject({ count: 2, among: 3 });
    expect(texts(silenced.shown)).toEqual(['ty, but where is it']);
    expect(silenced).toMatchObject({ count: 1, among: 2 });
  });

  test('is made among messages of the seed corpus alone', () => {
    const rows = [ticket('a bank customer', { source: 'banking77' }), ticket('an import', { source: 'import' }), ticket('a parcel')];
    const { drawn, wrongCategory, messages } = chooseSamples(
      rows,
      rows.map(() => answer(['billing', 0.9])),
    );
    expect([texts(drawn), texts(wrongCategory.shown), messages]).toEqual([['a parcel'], ['a parcel'], 1]);
  });
});

test('the page shows each answer beside its labels', async () => {
  const results = await mkdtemp(path.join(tmpdir(), 'ticketwise-samples-'));
  onTestFinished(() => rm(results, { recursive: true }));
  const rows = [
    ticket('where | is\n my *parcel*', { intent: 'late_parcel' }),
    ticket('no label', { intent: 'other:order' }),
    chatter('thx'),
  ];
  const answers = [answer(['order', 0.97]), answer(['billing', 0.55], ['low', 0.5]), answer(['billing', 0.2], ['low', 0.9], 0.75)];
  const record = {
    run: '2026-01-02-0123456789ab',
    command: 'npm run evaluate',
    measuredAt: '2026-01-02T03:04:05.000Z',
    model: { version: '0123456789ab', base: 'MiniLM', commit: null, seed: 1, recipe: {}, data: [] },
  };
  const bank = [ticket('a bank customer', { source: 'banking77' })];
  const parts = [
    { name: 'banking77/test', rows: bank, sha256: '' },
    { name: 'seed/test', rows, sha256: '' },
  ];
  const file = await writeSamples(record, parts, [[answer(['billing', 0.99])], answers], labels, results);
  expect(file).toBe(path.join(results, 'samples', '2026-01-02-0123456789ab.md'));
  expect(await readdir(path.dirname(file))).toEqual(['2026-01-02-0123456789ab.md']);
  const page = await readFile(file, 'utf8');
  for (const line of [
    '| where \\| is<br>my \\*parcel\\* | ✓ Order/Delivery 97.0 % | ✓ High 80.0 % | ✓ late\\_parcel 60.0 % | tells |',
    '| no label | ✗ Billing 55.0 %, is Order/Delivery | ✗ Low 50.0 %, is High | ✗ late\\_parcel 60.0 %, is other:order | asks |',
    '| thx | Billing 20.0 % | Low 90.0 % | ✓ chatter 75.0 % | ✓ silent |',
    '## 3 messages, drawn',
    '1 of 2 messages with a category (50.0 %). All of them:',
    '0 of 1 messages that are chatter (0.0 %).',
  ])
    expect(page).toContain(line);
  expect(page).not.toContain('bank customer');
});
