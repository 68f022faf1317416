import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encode, head } from '../bert.ts';
import { registerGradients } from '../tracer/gradients.ts';
import { encodeOnnx } from '../tracer/onnx.ts';
import { PROBE_HEADS, probeBatch } from '../training/device-trial.ts';
import { seededRandom } from '../training/random.ts';
import { type Batch, createTrainingStep, differentiate, gatherRows, lookup } from '../training/step.ts';
import type { BertConfig } from './bert-config.ts';
import { exportModel, traceForward } from './export.ts';
import { type Parameters, toCheckpoint } from './parameters.ts';
import { distance, randomModel, SHAPES } from './random-model.ts';

const SIZES = [
  [1, 2],
  [1, 9],
  [3, 5],
  [5, 16],
] as const;
const LARGEST = { width: 32, layers: 2, rows: 5, sequence: 16 };

describe.each(SHAPES)('a network with $pooling pooling and a $head head', (shape) => {
  const { config, parameters } = randomModel(LARGEST, shape, seededRandom(3));

  it('answers the same as a function of TensorFlow.js, as a traced graph and as an exported file', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-parity-'));
    try {
      await exportModel(dir, { dir, config, rawConfig: {} }, PROBE_HEADS, toCheckpoint(parameters));
      const file = await ort.InferenceSession.create(await readFile(path.join(dir, 'onnx', 'model.onnx')));
      const graph = await ort.InferenceSession.create(encodeOnnx(traceForward(config, PROBE_HEADS), { sizesFrom: 'attention_mask' }));
      const weights = Object.fromEntries(
        [parameters.words, ...parameters.dense].map(({ name, values, shape }) => [name, new ort.Tensor('float32', values, shape)]),
      );
      for (const [rows, sequence] of SIZES) {
        const batch = probeBatch({ ...LARGEST, rows, sequence }, seededRandom(rows));
        const inputs = {
          input_ids: new ort.Tensor('int64', BigInt64Array.from(batch.ids, BigInt), [rows, sequence]),
          attention_mask: new ort.Tensor('int64', BigInt64Array.from(batch.mask, BigInt), [rows, sequence]),
        };
        const expected = forward(config, parameters, batch);
        const answers = { file: await file.run(inputs), graph: await graph.run({ ...inputs, ...weights }) };
        for (const [from, answer] of Object.entries(answers))
          for (const [name, values] of Object.entries(expected))
            expect(distance(values, answer[name]?.data as Float32Array), `${name} of the ${from} at ${rows} x ${sequence}`).toBeLessThan(
              1e-4,
            );
      }
      await Promise.all([file.release(), graph.release()]);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('has the gradients of TensorFlow.js, for every parameter', async () => {
    const options = { dropout: 0, labelSmoothing: 0.1 };
    const rest = { weightDecay: 0, clip: 1, threads: 1, random: Math.random, rateOf: () => 0 };
    const step = await createTrainingStep(config, PROBE_HEADS, parameters, { ...options, ...rest });
    for (const [rows, sequence] of SIZES) {
      const batch = coarsen(probeBatch({ ...LARGEST, rows, sequence }, seededRandom(rows)));
      const expected = gradients(config, parameters, batch, options);
      const { loss, gradientNorm } = await step.run(batch, 0);
      expect(loss).toBeCloseTo(expected.loss?.[0] ?? Number.NaN, 4);
      expect(gradientNorm).toBeGreaterThan(0);
      for (const { name, gradient } of parameters.dense)
        expect(distance(expected[`gradient:${name}`] ?? [], gradient), `${name} at ${rows} x ${sequence}`).toBeLessThan(1e-4);
    }
    await step.dispose();
  });
});

it('has the gradients of the word embeddings, each token summed over its places', async () => {
  const { config, parameters } = randomModel(LARGEST, { pooling: 'mean', head: 'linear' }, seededRandom(5));
  const batch = probeBatch({ ...LARGEST, rows: 2, sequence: 4 }, seededRandom(6));
  batch.ids.set([7, 8, 7, 9, 7, 1, 2, 2]); // the last two places are padding
  const options = { dropout: 0, labelSmoothing: 0 };
  const expected = gradients(config, parameters, batch, options)['gradient:words'] ?? new Float32Array();
  const rest = { weightDecay: 0, clip: 1e9, threads: 1, random: Math.random, rateOf: () => 0 };
  const step = await createTrainingStep(config, PROBE_HEADS, parameters, { ...options, ...rest });
  await step.run(batch, 0);
  await step.dispose();
  const row = (values: Float32Array, i: number) => values.subarray(i * 32, (i + 1) * 32);
  const summed = row(expected, 0).map((value, i) => value + (row(expected, 2)[i] ?? 0) + (row(expected, 4)[i] ?? 0));
  expect(distance(summed, row(parameters.words.gradient, 0))).toBeLessThan(1e-5);
  expect(distance(row(expected, 1), row(parameters.words.gradient, 1))).toBeLessThan(1e-5);
});

it('is trained with dropout by masks that keep the mean', async () => {
  const { config, parameters } = randomModel(LARGEST, { pooling: 'mean', head: 'linear' }, seededRandom(5));
  const rest = { weightDecay: 0, clip: 1, threads: 1, labelSmoothing: 0, rateOf: () => 0 };
  const batch = probeBatch(LARGEST, seededRandom(1));
  const losses = [];
  for (const dropout of [0, 0.1]) {
    const step = await createTrainingStep(config, PROBE_HEADS, parameters, { ...rest, dropout, random: seededRandom(1) });
    losses.push((await step.run(batch, 0)).loss, (await step.run(batch, 0)).loss);
    await step.dispose();
  }
  const [same = 0, again = 0, dropped = 0, other = 0] = losses;
  expect(again).toBe(same);
  expect(other).not.toBe(dropped);
  expect(Math.abs(dropped - same)).toBeLessThan(0.5);
});

/** Lets the first row's label cover several intents, as a corrected category does. */
function coarsen(batch: Batch): Batch {
  batch.intents.set([1, 0, 1, 1]);
  batch.categories.set([0, 1, 1, 0]);
  return batch;
}

function inputsOf(config: BertConfig, { dense, words }: Parameters, batch: Batch): Record<string, tf.Tensor> {
  const { batch: rows, sequence } = batch.size;
  return {
    ...Object.fromEntries(dense.map(({ name, values, shape }) => [name, tf.tensor(values.slice(), shape)])),
    words: tf.tensor(gatherRows(words.values, batch.ids, config.hidden_size), [rows * sequence, config.hidden_size]),
    mask: tf.tensor(batch.mask, [rows, sequence]),
    intents: tf.tensor(batch.intents, [rows, PROBE_HEADS.intents]),
    intent_weights: tf.tensor(batch.intentWeights),
    priorities: tf.tensor(batch.priorities, [rows, PROBE_HEADS.priorities]),
    categories: tf.tensor(batch.categories, [rows, PROBE_HEADS.intents]),
    category_weights: tf.tensor(batch.categoryWeights),
    teacher: tf.tensor(batch.teacher, [rows, PROBE_HEADS.intents]),
    teacher_weights: tf.tensor(batch.teacherWeights),
    priority_weights: tf.tensor(batch.priorityWeights),
  };
}

function forward(config: BertConfig, parameters: Parameters, batch: Batch): Record<string, Float32Array> {
  tf.setBackend('cpu');
  return tf.tidy(() => {
    const given = inputsOf(config, parameters, batch);
    const [weights, mask] = [lookup(new Map(Object.entries(given))), given.mask as tf.Tensor2D];
    const pooled = encode(config, weights, given.words as tf.Tensor2D, mask, batch.size, (x) => x);
    const read = (tensor: tf.Tensor) => tensor.dataSync<'float32'>();
    return {
      intent_logits: read(head(config, 'intent', weights, pooled)),
      priority_logits: read(head(config, 'priority', weights, pooled)),
      embedding: read(pooled),
    };
  });
}

function gradients(
  config: BertConfig,
  parameters: Parameters,
  batch: Batch,
  options: { dropout: number; labelSmoothing: number },
): Record<string, Float32Array> {
  registerGradients();
  tf.setBackend('cpu');
  return tf.tidy(() => {
    const names = parameters.dense.map(({ name }) => name);
    const results = differentiate(config, names, inputsOf(config, parameters, batch), batch.size, options);
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensor.dataSync<'float32'>().slice()]));
  });
}
