import type { TopLevelSpec } from 'vega-lite';
import type { Scores } from '../evaluation/metrics.ts';
import { confusedPairs } from './curves.ts';
import { COLOURS } from './draw.ts';

/** Share of a row's messages from which a cell is so dark that its figure is written in white. */
const DARK = 0.45;

/** Confusion matrix: what messages are, down, and what they are called, across. Cells are shaded by their share of the row. */
export function confusionPlot({ classes, matrix, perClass }: Scores, nameOf: (id: string) => string): TopLevelSpec {
  const names = classes.map(nameOf);
  const values = classes.flatMap((_, i) =>
    classes.map((_, j) => {
      const rows = matrix[i]?.[j] ?? 0;
      const share = rows / Math.max(1, perClass[i]?.support ?? 0);
      return {
        is: names[i],
        called: names[j],
        right: i === j ? 'right' : 'wrong',
        shade: Math.sqrt(share) * 0.95, // the root lets a mistake in a hundred be seen
        dark: share > DARK,
        rows: rows === 0 ? '·' : rows.toLocaleString('en'),
        percent: rows === 0 ? '' : `${(100 * share).toFixed(1)} %`,
      };
    }),
  );
  const text = { condition: { test: 'datum.dark', value: 'white' } } as const;
  return {
    title: { text: 'Confusion of categories', subtitle: 'Messages, and their share of the row.' },
    data: { values },
    width: { step: 104 },
    height: { step: 58 },
    encoding: {
      x: {
        field: 'called',
        type: 'nominal',
        sort: names,
        axis: { title: 'called', orient: 'top', labelAngle: 0, domain: false, ticks: false },
      },
      y: { field: 'is', type: 'nominal', sort: names, axis: { title: 'is', domain: false, ticks: false } },
    },
    layer: [
      {
        mark: { type: 'rect', cornerRadius: 2 },
        encoding: {
          color: { field: 'right', scale: { domain: ['right', 'wrong'], range: [COLOURS.blue, COLOURS.orange] }, legend: null },
          opacity: { field: 'shade', type: 'quantitative', scale: { domain: [0, 1], range: [0, 1] }, legend: null },
        },
      },
      { mark: { type: 'text', dy: -7, fontSize: 14, fontWeight: 'bold' }, encoding: { text: { field: 'rows' }, color: text } },
      { mark: { type: 'text', dy: 10, fontSize: 10 }, encoding: { text: { field: 'percent' }, color: text } },
    ],
  };
}

/** The intents that are taken for each other most often, either way. */
export function confusedIntentsPlot(scores: Scores, most = 20): TopLevelSpec {
  const pairs = confusedPairs(scores, most).map((pair) => ({ ...pair, name: `${pair.a}  /  ${pair.b}` }));
  const values = pairs.flatMap(({ name, aAsB, bAsA }) => [
    { name, way: 'first taken for second', messages: aAsB, order: 0 },
    { name, way: 'second taken for first', messages: bAsA, order: 1 },
  ]);
  return {
    title: { text: 'Intents that are taken for each other', subtitle: `The ${pairs.length} pairs with the most mistakes between them.` },
    data: { values },
    width: 300,
    height: { step: 20 },
    mark: { type: 'bar', height: { band: 0.72 } },
    encoding: {
      y: { field: 'name', type: 'nominal', sort: pairs.map(({ name }) => name), axis: { title: null, ticks: false, domain: false } },
      x: { field: 'messages', type: 'quantitative', stack: 'zero', axis: { title: 'messages', tickMinStep: 1, format: 'd' } },
      color: {
        field: 'way',
        type: 'nominal',
        scale: { domain: ['first taken for second', 'second taken for first'], range: [COLOURS.orange, COLOURS.blue] },
      },
      order: { field: 'order', type: 'quantitative' },
    },
  };
}
