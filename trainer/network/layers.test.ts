import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { registerGradients } from '../tracer/gradients.ts';
import { encodeOnnx } from '../tracer/onnx.ts';
import { trace } from '../tracer/trace.ts';
import { seededRandom } from '../training/random.ts';
import { crossEntropy, gelu, layerNorm, linear, marginalNll } from './layers.ts';
import { distance, randomFloats } from './random-model.ts';

type Fn = (...args: tf.Tensor[]) => tf.Tensor;
type Case = [name: string, layer: Fn, formula: Fn, inputs: { shape: number[]; values?: number[] }[]];

const [ROWS, WIDTH] = [6, 10]; // rows are read as tokens where the layer is traced: batch 3, sequence 2

/** A distribution over the columns in each row. */
const targets = () =>
  tf.tensor2d(
    Array.from({ length: ROWS * WIDTH }, (_, i) => (i % WIDTH) / 45),
    [ROWS, WIDTH],
  );

const CASES: Case[] = [
  [
    'layerNorm',
    (x, scale, offset) => layerNorm(x as tf.Tensor2D, scale as tf.Tensor, offset as tf.Tensor, 1e-5),
    (x, scale, offset) => {
      const centred = tf.sub(x as tf.Tensor, tf.mean(x as tf.Tensor, -1, true));
      const deviation = tf.sqrt(tf.add(tf.mean(tf.mul(centred, centred), -1, true), 1e-5));
      return tf.add(tf.mul(tf.div(centred, deviation), scale as tf.Tensor), offset as tf.Tensor);
    },
    [{ shape: [ROWS, WIDTH] }, { shape: [WIDTH] }, { shape: [WIDTH] }],
  ],
  [
    'gelu',
    (x) => gelu(x as tf.Tensor2D),
    (x) => tf.mul(tf.mul(x as tf.Tensor, 0.5), tf.add(tf.erf(tf.div(x as tf.Tensor, Math.SQRT2)), 1)),
    [{ shape: [ROWS, WIDTH] }],
  ],
  [
    'linear',
    (x, weight, bias) => linear(x as tf.Tensor2D, weight as tf.Tensor, bias as tf.Tensor),
    (x, weight, bias) => tf.add(tf.matMul(x as tf.Tensor2D, tf.transpose(weight as tf.Tensor2D)), bias as tf.Tensor),
    [{ shape: [ROWS, WIDTH] }, { shape: [4, WIDTH] }, { shape: [4] }],
  ],
  ...[[0], [1, 4, 5], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]].map((allowed): Case => {
    const mask = Array.from({ length: ROWS * WIDTH }, (_, i) => (allowed.includes(i % WIDTH) ? 1 : 0));
    const given = () => tf.tensor2d(mask, [ROWS, WIDTH]);
    return [
      `marginalNll of ${allowed.length} classes`,
      (logits) => marginalNll(logits as tf.Tensor2D, given()),
      (logits) => tf.neg(tf.log(tf.sum(tf.mul(tf.softmax(logits as tf.Tensor2D), given()), -1))),
      [{ shape: [ROWS, WIDTH] }],
    ];
  }),
  [
    'crossEntropy',
    (logits) => crossEntropy(logits as tf.Tensor2D, targets()),
    (logits) => tf.neg(tf.sum(tf.mul(targets(), tf.log(tf.softmax(logits as tf.Tensor2D))), -1)),
    [{ shape: [ROWS, WIDTH] }],
  ],
];

describe.each(CASES)('%s', (_, layer, formula, inputs) => {
  const random = seededRandom(9);
  const values = inputs.map(({ shape }) => randomFloats(tf.util.sizeFromShape(shape), random).map((value) => 3 * value));
  const weighting = randomFloats(ROWS * WIDTH, random);

  /** The values of a function, and the gradients of a weighted sum of them. */
  const differentiate = (fn: Fn): Float32Array[] => {
    registerGradients();
    tf.setBackend('cpu');
    return tf.tidy(() => {
      const tensors = inputs.map(({ shape }, i) => tf.tensor(values[i] ?? [], shape));
      const out = fn(...tensors);
      const weights = tf.tensor(weighting.subarray(0, out.size), out.shape);
      const { grads } = tf.valueAndGrads((...args) => tf.sum(tf.mul(fn(...args), weights)))(tensors);
      return [out, ...grads].map((tensor) => tensor.dataSync<'float32'>().slice());
    });
  };

  it('has the values and the gradients of its formula', () => {
    const [expected, actual] = [differentiate(formula), differentiate(layer)];
    expected.forEach((numbers, i) => {
      expect(distance(numbers, actual[i] ?? []), i === 0 ? 'values' : `gradient ${i}`).toBeLessThan(2e-5);
    });
  });

  it('has them when it is traced', async () => {
    const names = inputs.map((_, i) => `input_${i}`);
    const specs = { sizes: { shape: ['batch', 'sequence'] as ['batch', 'sequence'] } };
    const fixed = Object.fromEntries(names.map((name, i) => [name, { shape: inputs[i]?.shape ?? [] }]));
    const graph = trace({ ...specs, ...fixed }, (given) => {
      const tensors = names.map((name) => given[name] as tf.Tensor);
      const out = layer(...tensors);
      const weights = tf.tensor(weighting.subarray(0, out.size), out.shape);
      const { grads } = tf.valueAndGrads((...args) => tf.sum(tf.mul(layer(...args), weights)))(tensors);
      return Object.fromEntries([out, ...grads].map((tensor, i) => [`output_${i}`, tensor]));
    });
    const session = await ort.InferenceSession.create(encodeOnnx(graph, { sizesFrom: 'sizes' }));
    const feeds = Object.fromEntries(names.map((name, i) => [name, new ort.Tensor('float32', values[i] ?? [], inputs[i]?.shape ?? [])]));
    const outputs = await session.run({ ...feeds, sizes: new ort.Tensor('float32', new Float32Array(6), [3, 2]) });
    differentiate(formula).forEach((numbers, i) => {
      expect(distance(numbers, outputs[`output_${i}`]?.data as Float32Array), i === 0 ? 'values' : `gradient ${i}`).toBeLessThan(2e-5);
    });
    await session.release();
  });
});
