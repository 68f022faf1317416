import { expect, it } from 'vitest';
import { PROBE_HEADS, probeConfig, TINY, tryStep } from './device-trial.ts';
import { profiled } from './profile.ts';
import { createTrainingStep, traceStep } from './step.ts';
import { transposeAhead } from './transpose-ahead.ts';

const OPTIONS = { dropout: 0, labelSmoothing: 0 };

it('leaves no product that transposes its first operand, and transposes each operand once', () => {
  const graph = traceStep(probeConfig(TINY), PROBE_HEADS, OPTIONS);
  const transposing = ({ nodes }: typeof graph) => nodes.filter(({ op, attributes }) => op === 'Gemm' && attributes.transA === 1);
  expect(transposing(graph).length).toBeGreaterThan(0);
  const ahead = transposeAhead(graph);
  expect(transposing(ahead)).toEqual([]);
  const operands = ahead.nodes.flatMap(({ op, inputs, outputs }) =>
    op === 'Transpose' && outputs[0]?.startsWith('transposed:') ? inputs : [],
  );
  expect(new Set(operands)).toEqual(new Set(transposing(graph).map(({ inputs }) => inputs[0])));
  expect(new Set(operands).size).toBe(operands.length);
});

it('stays so in the training step: ONNX Runtime does not take it back', async () => {
  const { nodes } = await profiled((profile) => tryStep((...given) => createTrainingStep(...given, { profile }), TINY, 1));
  expect(nodes.filter(({ name }) => name.startsWith('transposed:')).length).toBeGreaterThan(0);
});
