import type { TopLevelSpec } from 'vega-lite';
import type { History } from '../commands/history.ts';
import { COLOURS, INK } from './draw.ts';

/** Points to either side that a smoothed one is the mean of. */
const REACH = 6;

/** Loss and learning rate over the steps of a training. */
export function trainingPlot({ step, loss, learningRate }: History): TopLevelSpec {
  const smooth = smoothed(loss);
  const values = step.map((at, i) => ({ step: at, loss: loss[i], smooth: smooth[i], rate: learningRate[i] }));
  const x = { field: 'step', type: 'quantitative', axis: { title: 'step', grid: false, format: ',d', tickCount: 8 } } as const;
  return {
    title: { text: 'Loss and learning rate', subtitle: 'Faint: mean loss of a few steps. Strong: the same, smoothed.' },
    data: { values },
    spacing: 18,
    vconcat: [
      {
        width: 600,
        height: 220,
        encoding: { x: { ...x, axis: { ...x.axis, title: null } }, y: { type: 'quantitative', axis: { title: 'loss', tickCount: 6 } } },
        layer: [
          { mark: { type: 'line', color: INK.faint, opacity: 0.45, strokeWidth: 1 }, encoding: { y: { field: 'loss' } } },
          { mark: { type: 'line', color: COLOURS.blue, strokeWidth: 2.5 }, encoding: { y: { field: 'smooth' } } },
        ],
      },
      {
        width: 600,
        height: 90,
        mark: { type: 'line', color: COLOURS.orange, strokeWidth: 2 },
        encoding: {
          x,
          y: {
            field: 'rate',
            type: 'quantitative',
            axis: { title: 'learning rate', tickCount: 3, labelExpr: "datum.value === 0 ? '0' : format(datum.value, '~e')" },
          },
        },
      },
    ],
  };
}

function smoothed(values: readonly number[]): number[] {
  return values.map((_, i) => {
    const near = values.slice(Math.max(0, i - REACH), i + REACH + 1);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
}
