import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx, type Initializer } from '../tracer/onnx.ts';
import { PROBE_HEADS, probeBatch, TINY } from '../training/device-trial.ts';
import { seededRandom } from '../training/random.ts';
import { WORDS } from './bert-config.ts';
import { readQuantized } from './dequantize.ts';
import { traceForward } from './export.ts';
import { toCheckpoint } from './parameters.ts';
import { quantize, quantizeRows } from './quantize.ts';
import { distance, randomFloats, randomModel } from './random-model.ts';

describe('quantizeRows', () => {
  it.each([
    [1, 1, 127],
    [3, 5, 63],
    [17, 31, 127],
  ])('misses no number of %i rows of %i by more than half a step', (rows, width, limit) => {
    const values = randomFloats(rows * width, seededRandom(1)).map((value, i) => value * 10 ** ((i % rows) - 1));
    const { values: integers, scales } = quantizeRows(values, rows, limit);
    for (let i = 0; i < values.length; i++) {
      const scale = scales[Math.floor(i / width)] ?? Number.NaN;
      expect(Math.abs((integers[i] ?? Number.NaN) * scale - (values[i] ?? 0))).toBeLessThanOrEqual(scale / 2 + 1e-6);
      expect(Math.abs(integers[i] ?? Number.NaN)).toBeLessThanOrEqual(limit);
    }
    for (let row = 0; row < rows; row++) expect(Math.max(...integers.subarray(row * width, (row + 1) * width).map(Math.abs))).toBe(limit);
  });

  it('keeps a row of zeros', () => {
    expect(quantizeRows(new Float32Array(4), 2, 127)).toEqual({ values: new Int8Array(4), scales: Float32Array.of(1, 1) });
  });
});

describe('an int8 model', () => {
  const { config, parameters } = randomModel(TINY, { pooling: 'mean', head: 'linear' }, seededRandom(8));
  const weights = toCheckpoint(parameters);
  const stored = new Map<string, Initializer>([...weights].map(([name, { shape, values }]) => [name, { type: 'float32', shape, values }]));
  const graph = traceForward(config, PROBE_HEADS);
  const small = quantize(graph, stored);
  const bytes = encodeOnnx(small.graph, { sizesFrom: 'attention_mask', weights: small.weights });
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-quantize-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('multiplies integers in every layer and leaves no float matrix but in heads and positions', () => {
    const count = (op: string) => small.graph.nodes.filter((node) => node.op === op).length;
    expect(count('MatMulIntegerToFloat')).toBe(6 * config.num_hidden_layers);
    expect(count('Gemm')).toBe(2);
    expect(count('DynamicQuantizeLinear')).toBe(4 * config.num_hidden_layers); // query, key and value share theirs
    const floats = [...small.weights].filter(([, { type, shape }]) => type === 'float32' && shape.length === 2 && shape[1] !== 1);
    expect(floats.map(([name]) => name).sort()).toEqual([
      'embeddings.position_embeddings.weight',
      'embeddings.token_type_embeddings.weight',
      'intent_head.weight',
      'priority_head.weight',
    ]);
  });

  it('answers about as the float32 one', async () => {
    const batch = probeBatch(TINY, seededRandom(3));
    const shape = [batch.size.batch, batch.size.sequence];
    const inputs = {
      input_ids: new ort.Tensor('int64', BigInt64Array.from(batch.ids, BigInt), shape),
      attention_mask: new ort.Tensor('int64', BigInt64Array.from(batch.mask, BigInt), shape),
    };
    const answers = await Promise.all(
      [encodeOnnx(graph, { sizesFrom: 'attention_mask', weights: stored }), bytes].map(async (file) => {
        const session = await ort.InferenceSession.create(file);
        const { intent_logits } = await session.run(inputs);
        await session.release();
        return intent_logits?.data as Float32Array;
      }),
    );
    expect(distance(answers[0] ?? [], answers[1] ?? [])).toBeLessThan(0.05);
    expect(distance(answers[0] ?? [], answers[1] ?? [])).toBeGreaterThan(0);
  });

  it('gives its weights back, each within half a step of its row', async () => {
    const file = path.join(dir, 'model_quantized.onnx');
    await writeFile(file, bytes);
    const read = await readQuantized(file);
    expect([...read.keys()].sort()).toEqual([...weights.keys()].sort());
    for (const [name, { shape, values }] of weights) {
      const found = read.get(name);
      expect(found?.shape, name).toEqual(shape);
      const isFloat = small.weights.has(name);
      const width = shape[1] ?? 1;
      const limit = name === WORDS ? 127 : 63;
      values.forEach((value, i) => {
        const row = values.subarray(Math.floor(i / width) * width, (Math.floor(i / width) + 1) * width);
        const step = isFloat ? 0 : Math.max(...row.map(Math.abs)) / limit;
        if (!(Math.abs(value - (found?.values[i] ?? Number.NaN)) <= step / 2 + 1e-6))
          expect.fail(`${name}[${i}] is ${found?.values[i]}, was ${value}`);
      });
    }
  });

  it.each([
    ['a truncated file', bytes.subarray(0, bytes.length - 100), 'is no whole ONNX file'],
    ['a file of other weights', encodeOnnx(graph, { sizesFrom: 'attention_mask' }), 'holds no weights under Hugging Face names'],
    [
      'integers without scales',
      encodeOnnx(small.graph, {
        sizesFrom: 'attention_mask',
        weights: new Map([...small.weights].filter(([name]) => !name.endsWith(':scale'))),
      }),
      'has integers but no scales',
    ],
  ])('is refused as %s', async (_, content, message) => {
    const file = path.join(dir, 'damaged.onnx');
    await writeFile(file, content);
    await expect(readQuantized(file)).rejects.toMatchObject({ code: 'bad_model', message: expect.stringContaining(message) });
  });
});
