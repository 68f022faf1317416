import { expect, test } from 'vitest';
import type { Row } from '../../data/row.ts';
import type { Classification } from '../../models/classification.ts';
import { addNearest, confidentMistakes, finestKind, nearestRows } from './mistakes.ts';

const row = (text: string, intent?: string, category = 'billing'): Row => ({
  text,
  category,
  ...(intent === undefined ? {} : { intent }),
  source: 'seed',
});
const answer = (intent: string, probability: number) => ({ intent: { id: intent, probability } }) as Classification;

test('the most confident mistakes come first, right answers and rows without the label not at all', () => {
  const rows = [row('one', 'a'), row('two', 'a'), row('three', 'a'), row('four')];
  const answers = [answer('b', 0.6), answer('a', 0.99), answer('c', 0.9), answer('c', 0.9)];
  expect(confidentMistakes(rows, answers, 'intent', 30).map(({ text, confidence }) => [text, confidence])).toEqual([
    ['three', 0.9],
    ['one', 0.6],
  ]);
  expect(confidentMistakes(rows, answers, 'intent', 1)).toHaveLength(1);
});

test.each([
  [[row('one', 'a'), row('two')], 'intent'],
  [[row('one', 'a'), row('two'), row('three')], 'category'],
])('looks at intents where at least half of the rows have one: %#', (rows, kind) => {
  expect(finestKind(rows)).toBe(kind);
});

test('neighbours are ranked by their embedding, not by their wording', async () => {
  const train = [row('card not here yet', 'late'), row('my card is here', 'arrived'), row('card shop hours'), row('jumbo fun', 'other')];
  const directions: Record<string, [number, number]> = {
    'is my card here yet': [1, 0],
    'card not here yet': [2, 0.1],
    'my card is here': [0, 1],
    'card shop hours': [1, 1],
  };
  const asked: string[] = [];
  const nearest = nearestRows(train, async (texts) => {
    asked.push(...texts);
    return texts.map((text) => Float32Array.from(directions[text] ?? [0, 0]));
  });
  const mistake = { text: 'is my card here yet', truth: 'late', answer: 'arrived', confidence: 0.9, nearest: [] };
  const found = (await addNearest([mistake], 'intent', nearest))[0]?.nearest;
  expect(found?.map(({ text, label }) => [text, label])).toEqual([
    ['card not here yet', 'late'],
    ['card shop hours', 'billing'],
    ['my card is here', 'arrived'],
  ]);
  expect(found?.[1]?.similarity).toBeCloseTo(Math.SQRT1_2);
  expect(asked).not.toContain('jumbo fun'); // nothing of its wording is in the message, so it is not embedded
});
