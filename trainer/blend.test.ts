import { describe, expect, it } from 'vitest';
import type { Row } from '../data/row.ts';
import { type Labels, labelsOf } from '../labels.ts';
import { blend, correctionsOf, isHeldOut, type TicketFeedback } from './blend.ts';

type Word = TicketFeedback['words'][number];
const word = (userId: string, kind: Word['kind'], value: string, eventTs: number): Word => ({
  userId,
  kind,
  value,
  eventTs: String(eventTs),
});
const PREDICTION = { category: 'billing', priority: 'low', intent: 'refund' };
const ticket = (words: Word[], prediction: TicketFeedback['prediction'] = PREDICTION, text = 'hello'): TicketFeedback => ({
  ticketId: '1',
  text,
  words,
  prediction,
});

const group = (id: string) => ({ id, name: id, description: '', emoji: id });
const LABELS: Labels = labelsOf({
  categories: ['billing', 'order', 'technical'].map(group),
  priorities: ['low', 'high'].map(group),
  intents: [
    { id: 'refund', category: 'billing', priority: 'low' },
    { id: 'parcel', category: 'order', priority: 'low' },
  ],
});
const correction = (words: Word[], prediction?: TicketFeedback['prediction'], text?: string) =>
  correctionsOf([ticket(words, prediction, text)], LABELS).rows;

describe('the label of a ticket', () => {
  it.each<[string, Word[], Omit<Row, 'text' | 'source'> | undefined]>([
    ['is unknown without feedback', [], undefined],
    ['is unknown after a mere "wrong"', [word('U1', 'verdict', 'wrong', 1)], undefined],
    [
      'is what was predicted after "right", its intent aside',
      [word('U1', 'verdict', 'right', 1)],
      { category: 'billing', priority: 'low' },
    ],
    ['is the word of one', [word('U1', 'category', 'order', 1)], { category: 'order' }],
    [
      'has every kind that was named',
      [word('U1', 'category', 'order', 1), word('U1', 'priority', 'high', 2), word('U2', 'intent', 'parcel', 3)],
      { category: 'order', priority: 'high', intent: 'parcel' },
    ],
    [
      'is that of the majority',
      [word('U1', 'category', 'order', 9), word('U2', 'category', 'technical', 1), word('U3', 'category', 'technical', 2)],
      { category: 'technical' },
    ],
    ['is the latest among equals', [word('U1', 'category', 'order', 1), word('U2', 'category', 'technical', 2)], { category: 'technical' }],
    [
      'is the latest by number, not by text',
      [word('U1', 'category', 'order', 9), word('U2', 'category', 'technical', 10)],
      { category: 'technical' },
    ],
    [
      'counts a "right" as a word',
      [word('U1', 'category', 'order', 3), word('U2', 'verdict', 'right', 1), word('U3', 'verdict', 'right', 2)],
      { category: 'billing', priority: 'low' },
    ],
    [
      'counts what a person named, not the "right" beside it',
      [word('U1', 'category', 'order', 1), word('U1', 'verdict', 'right', 2)],
      { category: 'order', priority: 'low' },
    ],
    [
      'is what somebody had named before, after the "right" of another',
      [word('U1', 'category', 'order', 1), word('U2', 'verdict', 'right', 2), word('U3', 'category', 'technical', 3)],
      { category: 'order', priority: 'low' },
    ],
    [
      'is chatter where it is said to be no ticket',
      [word('U1', 'category', 'chatter', 1), word('U1', 'priority', 'high', 1)],
      { chatter: true },
    ],
    [
      'is that of the majority where one says that it is no ticket',
      [word('U1', 'category', 'chatter', 3), word('U2', 'category', 'order', 1), word('U3', 'category', 'order', 2)],
      { category: 'order' },
    ],
    [
      'has no intent of a category that it has not',
      [word('U1', 'intent', 'refund', 1), word('U1', 'category', 'order', 2)],
      { category: 'order' },
    ],
    ['is an intent alone', [word('U1', 'intent', 'refund', 1)], { intent: 'refund' }],
    ['is unknown after a label that the taxonomy no longer has', [word('U1', 'category', 'gone', 1)], undefined],
  ])('%s', (_, words, label) => {
    expect(correction(words)).toEqual(label === undefined ? [] : [{ text: 'hello', source: 'feedback', ...label }]);
  });

  it('is unknown after "right" where nothing was predicted', () => {
    expect(correction([word('U1', 'verdict', 'right', 1)], null)).toEqual([]);
  });

  it('leaves out labels that the taxonomy no longer has, and counts them', () => {
    const words = [word('U1', 'category', 'gone', 1), word('U2', 'category', 'order', 2), word('U2', 'priority', 'urgent', 3)];
    const predicted = ticket([word('U1', 'verdict', 'right', 1)], { category: 'billing', priority: 'urgent', intent: 'refund' });
    expect(correctionsOf([ticket(words), predicted], LABELS)).toEqual({
      rows: [{ text: 'hello', source: 'feedback', category: 'order' }],
      unknown: 2,
    });
  });
});

describe('blend', () => {
  const corpus = {
    name: 'c',
    sha256: '0'.repeat(64),
    rows: Array.from({ length: 400 }, (_, i): Row => ({ text: `message ${i}`, category: 'billing', source: 'banking77' })),
  };
  const feedback = Array.from({ length: 400 }, (_, i) => correction([word('U1', 'category', 'order', 1)], null, `ticket ${i}`)).flat();
  const { train, heldOut } = blend([corpus], feedback);
  const count = (rows: Row[], source: Row['source']) => rows.filter((row) => row.source === source).length;

  it("puts each row on one side, and of the team's own more aside", () => {
    expect(count(train, 'banking77') + count(heldOut, 'banking77')).toBe(400);
    expect(count(train, 'feedback') + count(heldOut, 'feedback')).toBe(400);
    expect(count(heldOut, 'banking77')).toBeGreaterThan(8);
    expect(count(heldOut, 'banking77')).toBeLessThan(35);
    expect(count(heldOut, 'feedback')).toBeGreaterThan(55);
    expect(count(heldOut, 'feedback')).toBeLessThan(110);
  });

  it('keeps a row on its side when others come and go, in whatever order', () => {
    const fewer = blend([{ ...corpus, rows: corpus.rows.slice(0, 100).reverse() }], feedback.slice(200));
    for (const row of fewer.heldOut) expect(heldOut).toContainEqual(row);
    for (const row of fewer.train) expect(train).toContainEqual(row);
  });

  it('tells sides by words: case and marks do not matter', () => {
    for (const { text, source } of [...train, ...heldOut])
      expect(isHeldOut({ text: `  ${text.toUpperCase()}!! `, source })).toBe(isHeldOut({ text, source }));
  });

  it('never learns what was written to be held out, nor the same message from elsewhere', () => {
    const aside = { ...corpus, rows: corpus.rows.slice(0, 100).map((row): Row => ({ ...row, text: `${row.text}!`, heldOut: true })) };
    const mixed = blend([corpus, aside], []);
    expect(mixed.train).toEqual(train.filter(({ text }) => Number(/^message (\d+)$/.exec(text)?.[1] ?? -1) >= 100));
    expect(mixed.heldOut.filter((row) => row.heldOut)).toEqual(aside.rows);
    expect(mixed.train.length + mixed.heldOut.length).toBe(500);
  });

  it('takes from a corrected text the label that it came with', () => {
    const mixed = blend([corpus], correction([word('U1', 'category', 'order', 1)], null, 'Message 7.'));
    const sevens = [...mixed.train, ...mixed.heldOut].filter(({ text }) => /^message 7\W*$/i.test(text));
    expect(sevens).toEqual([{ text: 'Message 7.', category: 'order', source: 'feedback' }]);
  });

  it('does not take one message for another because neither has Latin letters', () => {
    const cyrillic = { ...corpus, rows: ['Где мой заказ?', 'Не могу войти'].map((text): Row => ({ text, source: 'import' })) };
    const mixed = blend([cyrillic], correction([word('U1', 'category', 'order', 1)], null, 'где мой заказ'));
    expect([...mixed.train, ...mixed.heldOut].map(({ text }) => text).sort()).toEqual(['Не могу войти', 'где мой заказ'].sort());
  });

  it('leaves tickets that nobody labelled out', () => {
    expect(blend([], [...correction([]), ...correction([word('U1', 'verdict', 'wrong', 1)])])).toEqual({ train: [], heldOut: [] });
  });
});
