import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '../tracer/onnx.ts';
import { trace } from '../tracer/trace.ts';
import { returningNothing, runInto } from './run-into.ts';

const NUMBERS = 1 << 20;

describe('runInto', () => {
  let session: ort.InferenceSession;
  const mask = new ort.Tensor('float32', Float32Array.of(1), [1, 1]);
  const values = new Float32Array(NUMBERS).fill(3);
  const x = new ort.Tensor('float32', values, [NUMBERS]);

  beforeAll(async () => {
    const graph = trace({ mask: { shape: ['batch', 'sequence'] }, x: { shape: [NUMBERS] } }, ({ x }) => ({
      double: tf.mul(x as tf.Tensor, 2),
      square: tf.mul(x as tf.Tensor, x as tf.Tensor),
    }));
    session = await ort.InferenceSession.create(encodeOnnx(returningNothing(graph), { sizesFrom: 'mask' }));
  });
  afterAll(() => session.release());

  it('writes every output where it is told, and returns no copies', async () => {
    const [double, square] = [new Float32Array(NUMBERS), new Float32Array(NUMBERS)];
    const outputs = { double: new ort.Tensor('float32', double, [NUMBERS]), square: new ort.Tensor('float32', square, [NUMBERS]) };
    const before = process.memoryUsage().arrayBuffers;
    await runInto(session, { mask, x }, outputs);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(double.byteLength);
    expect([double[0], double[NUMBERS - 1], square[0], square[NUMBERS - 1]]).toEqual([6, 6, 9, 9]);
    values.fill(5);
    await runInto(session, { mask, x }, outputs);
    expect([double[7], square[7]]).toEqual([10, 25]);
  });

  it('hides no other failure', async () => {
    const short = new ort.Tensor('float32', new Float32Array(5), [5]);
    await expect(runInto(session, { mask, x: short }, { double: x })).rejects.toThrow(/Got: 5 Expected: 1048576/);
  });
});
