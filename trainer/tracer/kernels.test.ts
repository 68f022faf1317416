import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { distance, randomFloats } from '../network/random-model.ts';
import { seededRandom } from '../training/random.ts';
import { encodeOnnx } from './onnx.ts';
import { type InputSpec, type Size, trace } from './trace.ts';

type Given = Record<string, tf.Tensor>;
type Case = [kernel: string, what: string, fn: (given: Given, size: Size) => tf.Tensor, fused?: boolean];

/** `x`, `y` `[batch, sequence, 4]`; `row` `[4]`; `w` `[4, 6]`; `p` `[tokens, 4]`, positive; `i` `[batch]`, integers from 0 to 2; `sizes` tells the sizes. */
const INPUTS: Record<string, InputSpec> = {
  x: { shape: ['batch', 'sequence', 4] },
  y: { shape: ['batch', 'sequence', 4] },
  row: { shape: [4] },
  w: { shape: [4, 6] },
  p: { shape: ['tokens', 4] },
  i: { shape: ['batch'], type: 'int32' },
  sizes: { shape: ['batch', 'sequence'] },
};
const SIZES: Size[] = [
  { batch: 1, sequence: 1 },
  { batch: 3, sequence: 2 },
  { batch: 2, sequence: 7 },
];

const t = (given: Given, name: string): tf.Tensor => given[name] ?? tf.scalar(Number.NaN);
const one =
  (name: string, fn: (x: tf.Tensor) => tf.Tensor) =>
  (given: Given): tf.Tensor =>
    fn(t(given, name));
const two =
  (a: string, b: string, fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) =>
  (given: Given): tf.Tensor =>
    fn(t(given, a), t(given, b));

const CASES: Case[] = [
  ['Add', 'of equal shapes', two('x', 'y', tf.add)],
  ['Add', 'of a number', one('x', (x) => tf.add(x, 2))],
  ['Add', 'of a row that is broadcast', two('row', 'x', tf.add)],
  ['Add', 'of constants that differ', one('x', (x) => tf.add(x, [1, 2, 3, 4]))],
  ['Sub', '', two('x', 'row', tf.sub)],
  ['Multiply', '', two('x', 'y', tf.mul)],
  ['RealDiv', '', two('row', 'p', tf.div)],
  ['Maximum', '', two('x', 'y', tf.maximum)],
  ['Minimum', '', two('x', 'row', tf.minimum)],
  ['Pow', '', one('p', (p) => tf.pow(p, 1.5))],
  ['Greater', '', (g) => tf.cast(tf.greater(t(g, 'x'), t(g, 'y')), 'float32')],
  ['GreaterEqual', '', (g) => tf.cast(tf.greaterEqual(t(g, 'x'), t(g, 'x')), 'float32')],
  ['Less', '', (g) => tf.cast(tf.less(t(g, 'x'), t(g, 'row')), 'float32')],
  ['Equal', '', (g) => tf.cast(tf.equal(t(g, 'i'), tf.scalar(1, 'int32')), 'float32')],
  ['Neg', '', one('x', tf.neg)],
  ['Exp', '', one('x', tf.exp)],
  ['Log', '', one('p', tf.log)],
  ['Erf', '', one('x', tf.erf)],
  ['Tanh', '', one('x', tf.tanh)],
  ['Sqrt', '', one('p', tf.sqrt)],
  ['Rsqrt', '', one('p', tf.rsqrt)],
  ['Abs', '', one('x', tf.abs)],
  ['Reciprocal', '', one('p', tf.reciprocal)],
  ['Square', '', one('x', tf.square)],
  ['Sum', 'of the rows of a matrix', one('p', (p) => tf.sum(p, 0))],
  ['Sum', 'of the rows of a stack of one matrix', one('p', (p) => tf.sum(tf.reshape(p, [1, -1, 4]), [0, 1]))],
  ['Sum', 'of the rows, as a row', one('p', (p) => tf.sum(p, 0, true))],
  ['Sum', 'over everything', one('x', (x) => tf.sum(x))],
  ['Sum', 'over one axis', one('x', (x) => tf.sum(x, 1))],
  ['Sum', 'over two axes that stay', one('x', (x) => tf.sum(x, [0, 2], true))],
  ['Sum', 'of squares', one('x', (x) => tf.sum(tf.square(x)))],
  ['Mean', 'over the last axis', one('x', (x) => tf.mean(x, -1, true))],
  ['Mean', 'over everything', one('x', (x) => tf.mean(x))],
  ['Max', '', one('x', (x) => tf.max(x, -1))],
  ['OnesLike', '', one('x', (x) => tf.add(x, tf.onesLike(x)))],
  ['ZerosLike', '', one('x', tf.zerosLike)],
  ['Fill', '', (g, { batch }) => tf.mul(tf.fill([batch, 1, 4], 0.5), t(g, 'x'))],
  ['BatchMatMul', 'of stacks', two('x', 'y', (x, y) => tf.matMul(x, y, false, true))],
  ['BatchMatMul', 'of stacks, the first transposed', two('x', 'y', (x, y) => tf.matMul(x, y, true))],
  ['BatchMatMul', 'of stacks, in plain ONNX', two('x', 'y', (x, y) => tf.matMul(x, y, false, true)), false],
  [
    'BatchMatMul',
    'of stacks, both transposed, in plain ONNX',
    two('x', 'y', (x, y) => tf.matMul(x, tf.transpose(y, [0, 2, 1]), true, true)),
    false,
  ],
  ['BatchMatMul', 'of matrices', two('p', 'w', (p, w) => tf.matMul(p, w))],
  ['BatchMatMul', 'of a transposed matrix', one('p', (p) => tf.matMul(p, p, true))],
  [
    '_FusedMatMul',
    'with a bias',
    (g) => tf.fused.matMul({ a: t(g, 'p') as tf.Tensor2D, b: t(g, 'w') as tf.Tensor2D, bias: tf.tensor1d([1, 2, 3, 4, 5, 6]) }),
  ],
  ['Identity', '', one('x', (x) => tf.neg(tf.clone(x)))],
  ['Cast', 'to integers and back', (g) => tf.mul(tf.cast(t(g, 'i'), 'float32'), 0.5)],
  ['Reshape', '', (g, { batch, sequence }) => tf.reshape(t(g, 'x'), [batch * sequence, 2, 2])],
  ['Reshape', 'there and back', (g, { batch, sequence }) => tf.neg(tf.reshape(tf.reshape(t(g, 'p'), [-1]), [batch, sequence, 4]))],
  ['ExpandDims', 'at the end', one('row', (row) => tf.neg(tf.expandDims(row, -1)))],
  ['ExpandDims', 'at the front', one('x', (x) => tf.neg(tf.expandDims(x, 0)))],
  ['Transpose', '', one('x', (x) => tf.transpose(x, [2, 0, 1]))],
  ['Softmax', '', one('x', (x) => tf.softmax(x))],
  ['LogSoftmax', '', one('x', (x) => tf.logSoftmax(x))],
  ['GatherV2', '', (g) => tf.gather(t(g, 'w'), t(g, 'i') as tf.Tensor1D)],
  ['Slice', 'to a bound that follows the sizes', (g, { sequence }) => tf.slice(t(g, 'p'), [0, 1], [sequence, 2])],
  [
    'PadV2',
    '',
    (g, { batch, sequence }) =>
      tf.pad(tf.slice(t(g, 'p'), [0, 0], [1, 4]), [
        [0, batch * sequence - 1],
        [2, 0],
      ]),
  ],
  ['Tile', '', (g, { batch }) => tf.tile(tf.reshape(t(g, 'row'), [1, 4]), [batch, 2])],
  ['Select', '', (g) => tf.where(tf.greater(t(g, 'x'), 0), t(g, 'x'), t(g, 'y'))],
];

it.each(CASES)('%s %s is what TensorFlow.js computes, at every size', async (_, __, fn, fused = true) => {
  const graph = trace(INPUTS, (given, size) => ({ out: fn(given, size) }), { fused });
  expect(graph.nodes.some(({ op }) => op === 'FusedMatMul') && !fused).toBe(false);
  const session = await ort.InferenceSession.create(encodeOnnx(graph, { sizesFrom: 'sizes' }));
  const random = seededRandom(11);
  for (const size of SIZES) {
    const inputs = drawInputs(size, random);
    tf.setBackend('cpu');
    const [expected, shape] = tf.tidy(() => {
      const tensor = fn(
        Object.fromEntries(Object.entries(inputs).map(([name, { values, shape }]) => [name, tf.tensor(values, shape)])),
        size,
      );
      return [tensor.dataSync().slice(), tensor.shape];
    });
    const feeds = Object.entries(inputs).map(([name, { values, shape }]) => [name, new ort.Tensor(values, shape)]);
    const { out } = await session.run(Object.fromEntries(feeds));
    expect(out?.dims).toEqual(shape);
    expect(distance(expected, out?.data as Float32Array)).toBeLessThan(1e-5);
  }
  await session.release();
});

it('covers every kernel that the tracer has of TensorFlow.js', () => {
  trace(INPUTS, ({ x }) => ({ x: tf.neg(x as tf.Tensor) }));
  const own = ['Gelu', 'LayerNormalization']; // compared with their formulas in ../layers.test.ts
  const registered = tf.getKernelsForBackend('onnx-trace').map(({ kernelName }) => kernelName);
  expect(registered.filter((name) => !own.includes(name)).sort()).toEqual([...new Set(CASES.map(([kernel]) => kernel))].sort());
});

it.each<[string, () => unknown, string]>([
  [
    'a padding of anything but zeros',
    () =>
      trace(INPUTS, ({ w }) => ({
        out: tf.pad(
          w as tf.Tensor,
          [
            [1, 0],
            [0, 0],
          ],
          1,
        ),
      })),
    'pads with zeros only',
  ],
  ['text', () => trace(INPUTS, () => ({ out: tf.tensor(['a']) })), 'no string tensors'],
])('refuses %s', (_, traced, message) => expect(traced).toThrow(message));

function drawInputs(
  { batch, sequence }: Size,
  random: () => number,
): Record<string, { values: Float32Array | Int32Array; shape: number[] }> {
  const draw = (...shape: number[]) => ({ values: randomFloats(tf.util.sizeFromShape(shape), random), shape });
  const positive = draw(batch * sequence, 4);
  return {
    x: draw(batch, sequence, 4),
    y: draw(batch, sequence, 4),
    row: draw(4),
    w: draw(4, 6),
    p: { ...positive, values: positive.values.map((value) => Math.abs(value) + 0.2) },
    sizes: draw(batch, sequence),
    i: { values: Int32Array.from({ length: batch }, () => Math.floor(3 * random())), shape: [batch] },
  };
}
