import type { TopLevelSpec } from 'vega-lite';
import type { Judged } from '../evaluation/metrics.ts';
import type { Promises } from '../evaluation/promises.ts';
import { confidenceHistogram, coverageCurve, reliability } from './curves.ts';
import { COLOURS, INK } from './draw.ts';

/** Answers of one kind, under the name that stands in the legend, and what is told of them by the thresholds of each promise. */
export type Answers = { name: string; judged: readonly Judged[]; promises?: Promises['promises'] | undefined };

/** Coverage below which the curve, made by a handful of answers, does not set the scale. */
const FEW = 0.05;

/** Points of a coverage curve that are drawn; more of them cannot be told apart. */
const POINTS = 300;

/** How often answers of a confidence are right: on the diagonal where the model means what it says. */
export function reliabilityPlot(kinds: readonly Answers[]): TopLevelSpec {
  const share = { type: 'quantitative' as const, scale: { domain: [0, 1] } };
  return {
    title: {
      text: 'Reliability',
      subtitle: 'Answers by confidence: a dot for each bin, as large as its messages are many, with its 95 % interval.',
    },
    spacing: 32,
    hconcat: kinds.map(({ name, judged }) => ({
      title: { text: name, fontSize: 12, offset: 6, frame: 'group' as const },
      width: 280,
      height: 280,
      data: { values: reliability(judged) },
      encoding: { x: { ...share, axis: { title: 'confidence', format: '.0%', tickCount: 5 } } },
      layer: [
        {
          data: { values: [{ at: 0 }, { at: 1 }] },
          mark: { type: 'line', color: INK.faint, strokeDash: [4, 4], strokeWidth: 1 },
          encoding: { x: { field: 'at' }, y: { field: 'at', ...share } },
        },
        {
          mark: { type: 'rule', color: COLOURS.blue, opacity: 0.6 },
          encoding: { x: { field: 'confidence' }, y: { field: 'low', ...share }, y2: { field: 'high' } },
        },
        {
          mark: { type: 'line', color: COLOURS.blue, strokeWidth: 1.5, opacity: 0.5 },
          encoding: { x: { field: 'confidence' }, y: { field: 'share', ...share, axis: { title: 'right', format: '.0%', tickCount: 5 } } },
        },
        {
          mark: { type: 'circle', color: COLOURS.blue, opacity: 1, clip: false },
          encoding: {
            x: { field: 'confidence' },
            y: { field: 'share', ...share },
            size: { field: 'rows', type: 'quantitative', scale: { range: [20, 320] }, legend: null },
          },
        },
      ],
    })),
    resolve: { scale: { size: 'independent' } },
  };
}

/** What share of the messages is answered, and how many of these answers are right, when only confident ones are given. */
export function coveragePlot(kinds: readonly Answers[]): TopLevelSpec {
  const curves = kinds.map(({ name, judged }) => ({ name, curve: coverageCurve(judged) }));
  const names = kinds.map(({ name }) => name);
  const lines = curves.flatMap(({ name, curve }) => {
    const every = Math.ceil(curve.length / POINTS);
    return curve.filter((_, i) => i % every === 0 || i === curve.length - 1).map((point) => ({ ...point, name }));
  });
  const marks = kinds.flatMap(({ name, promises = [] }) =>
    promises
      .filter(({ coverage }) => coverage > 0)
      .map((point) => ({ ...point, name, label: `${Math.round(100 * point.promised)} % promised` })),
  );
  const promised = [...new Set(kinds.flatMap(({ promises = [] }) => promises.map((point) => point.promised)))];
  const shown = [...lines.filter(({ coverage }) => coverage > FEW), ...marks];
  const lowest = Math.min(0.94, ...shown.map(({ precision }) => precision));
  const type = 'quantitative' as const;
  const x = {
    field: 'coverage',
    type,
    scale: { domain: [0, 1] },
    axis: { title: 'messages that are answered', format: '.0%', tickCount: 10 },
  };
  const y = { type, scale: { domain: [Math.floor(lowest * 50) / 50, 1] } };
  return {
    title: {
      text: 'Coverage against precision',
      subtitle: [
        'Marked: what is told at the thresholds of each promise, fitted on held-out messages.',
        'Each category has its own threshold, so a mark may lie beside the curve.',
      ],
    },
    width: 600,
    height: 300,
    encoding: {
      color: {
        field: 'name',
        type: 'nominal',
        scale: { domain: names, range: [COLOURS.orange, COLOURS.blue, COLOURS.green] },
        sort: names,
      },
    },
    layer: [
      {
        data: { values: promised.map((precision) => ({ precision })) },
        mark: { type: 'rule', strokeDash: [4, 4], color: INK.faint },
        encoding: { y: { field: 'precision', ...y }, color: { value: INK.faint } },
      },
      {
        data: { values: lines },
        mark: { type: 'line', strokeWidth: 2, clip: true },
        encoding: { x, y: { field: 'precision', ...y, axis: { title: 'answers that are right', format: '.0%' } } },
      },
      { data: { values: marks }, mark: { type: 'circle', size: 90, opacity: 1 }, encoding: { x, y: { field: 'precision', ...y } } },
      {
        data: { values: marks },
        mark: { type: 'text', align: 'right', dx: -8, dy: 12, fontWeight: 'bold' },
        encoding: { x, y: { field: 'precision', ...y }, text: { field: 'label' } },
      },
    ],
  };
}

/** Confidence of right answers above, of wrong ones below, each on a scale of its own. */
export function confidencePlot({ name, judged }: Answers): TopLevelSpec {
  const bins = confidenceHistogram(judged);
  const right = bins.reduce((sum, bin) => sum + bin.right, 0);
  const panel = (what: 'right' | 'wrong', color: string, last: boolean) => ({
    width: 600,
    height: 110,
    title: {
      text: `${what}: ${(what === 'right' ? right : judged.length - right).toLocaleString('en')}`,
      fontSize: 12,
      offset: 4,
      frame: 'group' as const,
    },
    mark: { type: 'bar' as const, color, binSpacing: 1 },
    encoding: {
      x: {
        field: 'from',
        bin: { binned: true, step: 0.05 },
        type: 'quantitative' as const,
        axis: { title: last ? 'confidence' : null, format: '.0%', grid: false, values: [0, 0.2, 0.4, 0.6, 0.8, 1] },
      },
      x2: { field: 'to' },
      y: { field: what, type: 'quantitative' as const, axis: { title: 'messages', tickCount: 4, format: ',d', tickMinStep: 1 } },
    },
  });
  return {
    title: { text: `Confidence of right and wrong: ${name}`, subtitle: 'The two have scales of their own.' },
    data: { values: bins },
    spacing: 12,
    vconcat: [panel('right', COLOURS.blue, false), panel('wrong', COLOURS.orange, true)],
  };
}
