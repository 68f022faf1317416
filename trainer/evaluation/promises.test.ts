import { expect, it } from 'vitest';
import type { Row } from '../../data/row.ts';
import type { Classification } from '../../models/classification.ts';
import { keptPromises } from './promises.ts';

type Decided = Pick<Classification, 'sure' | 'silent' | 'inScope'>;

/** A message of billing, whether that is answered, and which of the promises of 95 and 98 % its answer keeps. */
function pair(right: boolean, kept: [boolean, boolean], decided: Partial<Decided> = {}): { row: Row; answer: Classification } {
  const scored = { id: right ? 'billing' : 'order', probability: 0.9 };
  return {
    row: { text: 'x', category: 'billing', source: 'seed' },
    answer: {
      ...{ text: 'x', category: scored, priority: scored, intent: scored, categories: [], priorities: [], intents: [], chatter: 0 },
      promises: [0.95, 0.98].map((precision, i) => ({ precision, kept: kept[i] === true })),
      ...{ inScope: true, sure: kept[0], silent: false, model: 'm' },
      ...decided,
    },
  };
}
const measure = (pairs: ReturnType<typeof pair>[]) =>
  keptPromises(
    pairs.map(({ row }) => row),
    pairs.map(({ answer }) => answer),
  );

it('counts what is kept by each promise, and what the bot tells', () => {
  const chatter = { ...pair(false, [true, true], { inScope: false }), row: { text: 'hi', chatter: true, source: 'seed' } satisfies Row };
  const unlabelled = {
    ...pair(false, [true, true], { inScope: false }),
    row: { text: 'x', priority: 'low', source: 'seed' } satisfies Row,
  };
  const measured = measure([
    pair(true, [true, true]),
    pair(true, [true, true], { silent: true }),
    pair(false, [true, false]),
    pair(true, [true, false], { inScope: false, sure: false }),
    pair(false, [false, false]),
    chatter,
    unlabelled,
  ]);
  expect(measured).toEqual({
    promises: [
      { promised: 0.95, coverage: 4 / 5, precision: 3 / 4 },
      { promised: 0.98, coverage: 2 / 5, precision: 1 },
    ],
    told: { coverage: 2 / 5, precision: 1 / 2 },
    inScope: 4 / 6,
  });
});

it.each<[string, ReturnType<typeof pair>[]]>([
  ['there are no rows', []],
  ['no row has a category', [{ ...pair(true, [true, true]), row: { text: 'x', chatter: true, source: 'seed' } }]],
  ['the model promises nothing', [pair(true, [true, true])].map((one) => ({ ...one, answer: { ...one.answer, promises: [] } }))],
])('is nothing where %s', (_, pairs) => expect(measure(pairs)).toBeUndefined());

it('has no precision of nothing told', () => {
  expect(measure([pair(true, [false, false])])?.promises[0]).toEqual({ promised: 0.95, coverage: 0, precision: 0 });
});
