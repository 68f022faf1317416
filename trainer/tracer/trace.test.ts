import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeOnnx } from './onnx.ts';
import { evaluate, type InputSpec, type Size, trace } from './trace.ts';

const INPUTS: Record<string, InputSpec> = { x: { shape: ['batch', 'sequence'] } };
type Fn = (x: tf.Tensor2D, size: Size) => tf.Tensor;
const traced = (fn: Fn) => trace(INPUTS, ({ x }, size) => ({ out: fn(x as tf.Tensor2D, size) }));

describe('refuses', () => {
  it.each<[string, Fn, string]>([
    ['a course that depends on a size', (x, { sequence }) => (sequence > 8 ? tf.exp(x) : tf.neg(x)), 'another course at another size'],
    ['as many nodes as rows', (x, { batch }) => Array.from({ length: batch }).reduce((y: tf.Tensor) => tf.neg(y), x), 'another course'],
    ['a number that depends on a size', (x, { batch }) => tf.mul(x, 1 / batch), 'depends on the sizes'],
    [
      'a bound that is not affine',
      (x, { sequence }) => tf.sum(tf.tile(x, [1, sequence * sequence])),
      'is not bilinear in batch and sequence',
    ],
    ['a size that follows no formula', (x, { batch }) => tf.sum(tf.tile(x, [1, batch === 2 ? 9 : 1])), 'is not bilinear'],
    ['an output of another dimension', (x, { batch }) => tf.tile(x, [2, batch]), 'a dimension that is none of batch, sequence and tokens'],
    ['a read of a value', (x) => tf.scalar(x.dataSync()[0] ?? 0), 'reads a value while it is traced'],
  ])('%s', (_, fn, message) => expect(() => traced(fn)).toThrow(message));

  it('a tensor of another trace', () => {
    let leaked: tf.Tensor | undefined;
    const leak: Fn = (x) => {
      const y = tf.neg(x);
      leaked ??= tf.keep(y);
      return tf.add(y, x);
    };
    traced(leak);
    expect(() => traced((x) => tf.add(x, leaked ?? x))).toThrow('a tensor of another trace was used');
  });

  it('and traces again after it refused', () => {
    expect(() => traced((x, { batch }) => tf.mul(x, batch))).toThrow();
    expect(traced((x) => tf.neg(x)).nodes.map(({ op }) => op)).toEqual(['Neg']);
  });
});

describe('a traced graph', () => {
  it('computes its shapes from those of its input, at sizes that it was never traced at', async () => {
    const graph = traced((x, { batch, sequence }) =>
      tf.sum(tf.slice(tf.pad(tf.reshape(x, [batch * sequence]), [[3, batch]]), 2, sequence)),
    );
    const session = await ort.InferenceSession.create(encodeOnnx(graph, { sizesFrom: 'x' }));
    for (const [batch, sequence] of [
      [1, 1],
      [1, 17],
      [64, 3],
    ] as const) {
      const { out } = await session.run({ x: new ort.Tensor('float32', new Float32Array(batch * sequence).fill(1), [batch, sequence]) });
      expect(out?.data[0]).toBe(Math.min(sequence - 1, batch * sequence));
    }
    await session.release();
  });

  it('holds each vector of integers once', () => {
    const turned: Fn = (x, { batch, sequence }) => tf.reshape(tf.neg(tf.reshape(x, [sequence, batch])), [batch, sequence]);
    const graph = traced((x, size) => tf.add(turned(x, size), turned(tf.exp(x), size)));
    const shapes = graph.nodes.filter(({ op }) => op === 'Reshape').map(({ inputs }) => inputs[1]);
    expect(shapes.length).toBe(4);
    expect(new Set(shapes).size).toBe(2);
    expect(graph.vectors.map(({ elements }) => elements.map((element) => evaluate(element, { batch: 3, sequence: 8 })))).toEqual([
      [8, 3],
      [3, 8],
    ]);
  });

  it('holds an array of one number as a scalar, and leaves out what no output needs', () => {
    const graph = traced((x, { batch, sequence }) => {
      tf.exp(x);
      return tf.mul(x, tf.fill([batch, sequence], 2));
    });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Mul']);
    expect(graph.constants.map(({ shape, values }) => [shape, [...values]])).toEqual([[[], [2]]]);
  });

  it('leaves the backend that was in use in use', () => {
    tf.registerBackend('idle', () => new tf.KernelBackend());
    tf.setBackend('idle');
    traced((x) => tf.neg(x));
    expect(tf.getBackend()).toBe('idle');
  });
});

it('evaluates a + bB + cS + dBS', () => {
  expect(evaluate([1, 10, 100, 1000], { batch: 2, sequence: 3 })).toBe(1 + 20 + 300 + 6000);
});
