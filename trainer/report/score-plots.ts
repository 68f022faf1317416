import type { TopLevelSpec } from 'vega-lite';
import type { ClassScore } from '../evaluation/metrics.ts';
import type { LengthSlice, Share } from './curves.ts';
import { COLOURS, INK } from './draw.ts';

/** Rows below which an interval is so wide that it is cut off rather than shown whole. */
const FEW = 20;

/** Precision, recall and F1 of classes, best F1 first. Classes without a row are left out. */
export function classPlot(title: string, scores: readonly ClassScore[], nameOf: (id: string) => string): TopLevelSpec {
  const sorted = scores.filter(({ support }) => support > 0).toSorted((a, b) => b.f1 - a.f1);
  const name = ({ id, support }: ClassScore) => `${nameOf(id)}  (${support.toLocaleString('en')})`;
  const figures = ['precision', 'recall', 'F1'];
  const values = sorted.flatMap((c) => [c.precision, c.recall, c.f1].map((value, i) => ({ name: name(c), figure: figures[i], value })));
  const lowest = Math.min(0.9, ...values.map(({ value }) => value));
  const scale = { domain: [Math.floor(lowest * 20) / 20, 1] };
  const y = {
    field: 'name',
    type: 'nominal',
    sort: sorted.map(name),
    axis: { title: null, ticks: false, domain: false, grid: true },
  } as const;
  return {
    title: { text: title, subtitle: 'Best F1 first; in brackets how many messages are of the class.' },
    width: 420,
    height: { step: sorted.length > 12 ? 16 : 30 },
    layer: [
      {
        data: {
          values: sorted.map((c) => ({ name: name(c), low: Math.min(c.precision, c.recall), high: Math.max(c.precision, c.recall) })),
        },
        mark: { type: 'rule', color: INK.faint, opacity: 0.5 },
        encoding: { y, x: { field: 'low', type: 'quantitative', scale }, x2: { field: 'high' } },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 55, opacity: 1 },
        encoding: {
          y,
          x: { field: 'value', type: 'quantitative', scale, axis: { title: null, format: '.0%', orient: 'top', grid: true } },
          color: { field: 'figure', type: 'nominal', scale: { domain: figures, range: [COLOURS.blue, COLOURS.orange, INK.text] } },
          shape: { field: 'figure', type: 'nominal', scale: { domain: figures, range: ['triangle-right', 'triangle-left', 'diamond'] } },
        },
      },
    ],
  };
}

/** Accuracy by length of the message, for each kind of label. */
export function lengthPlot(kinds: readonly { name: string; slices: readonly LengthSlice[] }[]): TopLevelSpec {
  const names = kinds.map(({ name }) => name);
  const order = kinds.map(({ slices }) => slices).toSorted((a, b) => b.length - a.length)[0] ?? [];
  const label = (words: string) => `${words} words (${(order.find((slice) => slice.words === words)?.rows ?? 0).toLocaleString('en')})`;
  const values = kinds.flatMap(({ name, slices }) => slices.map((slice) => ({ ...slice, name, words: label(slice.words) })));
  return {
    title: { text: 'Accuracy by length of the message', subtitle: 'With 95 % intervals; in brackets how many messages are so long.' },
    ...shares(
      values,
      'words',
      order.map(({ words }) => label(words)),
      names,
    ),
  };
}

/** Accuracy of models beside each other, for each kind of label. */
export function modelsPlot(kinds: readonly { name: string; models: readonly (Share & { model: string })[] }[]): TopLevelSpec {
  const models = kinds[0]?.models.map(({ model }) => model) ?? [];
  const values = kinds.flatMap(({ name, models: scored }) => scored.map((share) => ({ ...share, kind: name, name: share.model })));
  return {
    title: { text: 'Models beside each other', subtitle: 'Accuracy on the same messages, with 95 % intervals.' },
    ...shares(
      values,
      'kind',
      kinds.map(({ name }) => name),
      models,
    ),
  };
}

/** Dots with intervals: a line for each value of `field`, a colour for each `name`. */
function shares(values: readonly Share[], field: string, order: string[], names: string[]) {
  const lowest = Math.min(0.9, ...values.filter(({ rows }) => rows >= FEW).map(({ low }) => low));
  const scale = { domain: [Math.max(0, Math.floor(lowest * 20) / 20), 1] };
  const encoding = {
    y: { field, type: 'nominal', sort: order, axis: { title: null, ticks: false, domain: false } },
    yOffset: { field: 'name', type: 'nominal', sort: names },
    color: {
      field: 'name',
      type: 'nominal',
      sort: names,
      scale: { domain: names, range: [COLOURS.blue, COLOURS.orange, COLOURS.green, COLOURS.purple].slice(0, names.length) },
    },
  } as const;
  const axis = { title: null, format: '.0%', tickCount: 6 };
  return {
    data: { values: [...values] },
    width: 420,
    height: { step: 16 },
    encoding,
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 1.5, clip: true },
        encoding: { x: { field: 'low', type: 'quantitative', scale, axis }, x2: { field: 'high' } },
      },
      { mark: { type: 'circle', size: 70, opacity: 1 }, encoding: { x: { field: 'share', type: 'quantitative', scale, axis } } },
    ],
  } satisfies Partial<TopLevelSpec>;
}
