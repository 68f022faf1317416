import { describe, expect, it } from 'vitest';
import type { Row } from '../../data/row.ts';
import { interpret } from '../../models/classifier.ts';
import { decide, decisionsSchema } from '../../models/decisions.ts';
import type { Output } from '../../models/inference.ts';
import { TINY_LABELS } from '../testing.ts';
import { calibrate } from './calibrate.ts';

/** Logits that say an intent of `refund, parcel, other:billing, other:order, chatter` with so much more than the rest. */
const output = (intent: number, margin: number): Output => ({
  intents: Float32Array.from(TINY_LABELS.intents, (_, i) => (i === intent ? margin : 0)),
  priorities: Float32Array.of(margin, 0),
  embedding: new Float32Array(),
});
const [REFUND, PARCEL, CHATTER] = [0, 1, 4];
const CATEGORIES = ['billing', 'order'] as const;

/** Messages of one source: 120 tickets, of which the least sure are wrong, and as much chatter as is asked for. */
function heldOut(source: Row['source'], chatter: number) {
  const tickets = Array.from({ length: 120 }, (_, i) => ({
    row: { text: `${i}`, source, category: CATEGORIES[(i + (i < 12 ? 1 : 0)) % 2] as string, priority: 'low' } satisfies Row,
    output: output(i % 2 === 0 ? REFUND : PARCEL, i < 12 ? 1 + i / 100 : 5 + i / 100),
  }));
  const silent = Array.from({ length: chatter }, (_, i) => ({
    row: { text: `c${i}`, source, chatter: true as const } satisfies Row,
    output: output(CHATTER, 4 + i / 100),
  }));
  const all = [...tickets, ...silent];
  return { rows: all.map(({ row }): Row => row), outputs: all.map((item) => item.output) };
}

describe('calibrate', () => {
  const { rows, outputs } = heldOut('seed', 20);
  const fitted = calibrate(rows, outputs, TINY_LABELS);
  const answers = outputs.map((one) => interpret(one, { labels: TINY_LABELS, ...fitted }));

  it('fits what a manifest takes, by which answers of held-out rows keep what is promised', () => {
    expect(decisionsSchema.parse(fitted.decisions)).toEqual(fitted.decisions);
    const tickets = answers.slice(0, 120).map((answer, i) => ({ ...answer, right: answer.category.id === rows[i]?.category }));
    for (const [at, precision] of [0.95, 0.98].entries()) {
      const kept = tickets.filter(({ promises }) => promises[at]?.precision === precision && promises[at].kept);
      expect(kept.length).toBeGreaterThanOrEqual(100);
      expect(kept.filter(({ right }) => right).length / kept.length).toBeGreaterThanOrEqual(precision);
    }
    expect(tickets.filter(({ inScope }) => inScope).length / 120).toBeGreaterThanOrEqual(0.95);
    expect(tickets.some(({ inScope }) => !inScope)).toBe(true);
    expect(tickets.filter(({ silent }) => silent)).toEqual([]);
    expect(answers.slice(120).every(({ silent }) => silent)).toBe(true);
  });

  it('leaves sources in which chatter never occurs out of the silence', () => {
    const bank = heldOut('banking77', 0);
    const both = calibrate([...rows, ...bank.rows], [...outputs, ...bank.outputs], TINY_LABELS);
    const few = heldOut('seed', 20);
    const tooFew = calibrate([...few.rows.slice(100), ...bank.rows], [...few.outputs.slice(100), ...bank.outputs], TINY_LABELS);
    expect(both.decisions?.chatter).toBeCloseTo(fitted.decisions?.chatter ?? 0, 1);
    expect(tooFew.decisions).not.toHaveProperty('chatter');
  });

  it('keeps the larger sources in scope, not only all of them together', () => {
    const familiar = heldOut('banking77', 0);
    const rowsOf = (count: number) => [...rows.slice(0, count), ...familiar.rows, ...familiar.rows, ...familiar.rows];
    const strange = outputs.map((one) => ({ ...one, intents: one.intents.map((logit) => logit - 9) }));
    const outputsOf = (count: number) => [...strange.slice(0, count), ...Array(3).fill(familiar.outputs).flat()];
    const insideOf = (count: number) => {
      const decided = calibrate(rowsOf(count), outputsOf(count), TINY_LABELS);
      const inside = strange.slice(0, count).filter((one) => interpret(one, { labels: TINY_LABELS, ...decided }).inScope);
      return inside.length / count;
    };
    expect(insideOf(120)).toBeGreaterThanOrEqual(0.95);
    expect(insideOf(20)).toBeLessThan(0.5);
  });

  it.each<[string, Row[], Output[]]>([
    ['there are no rows', [], []],
    ['no row has a category', [{ text: 'thanks', source: 'seed', chatter: true }], [output(CHATTER, 3)]],
  ])('fits no decisions where %s, so that all is told', (_, given, their) => {
    const { decisions, temperature } = calibrate(given, their, TINY_LABELS);
    expect(decisions).toBeUndefined();
    expect(temperature.priority).toBe(1);
    expect(
      decide({ category: { id: 'a', probability: 0 }, intent: { id: 'b', probability: 0 }, chatter: 0 }, Float32Array.of(0), decisions)
        .sure,
    ).toBe(true);
  });

  it('refuses a label that the model does not have', () => {
    expect(() => calibrate([{ text: 'a', source: 'seed', category: 'sales' }], [output(0, 1)], TINY_LABELS)).toThrow(
      expect.objectContaining({ code: 'bad_data' }),
    );
  });
});
