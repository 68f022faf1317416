import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { encode } from './bert.ts';
import type { BertConfig, Shape } from './network/bert-config.ts';
import { distance, randomFloats, randomModel } from './network/random-model.ts';
import { seededRandom } from './training/random.ts';
import { lookup } from './training/step.ts';

const PROBE = { width: 32, layers: 2, rows: 2, sequence: 5 };
/** Tokens of the two messages; the second one is padded. */
const LENGTHS = [5, 3];

type Vector = number[];

test.each(['mean', 'cls', 'attention'] as const)('BERT, pooled by %s, is the paper in plain numbers', (pooling) => {
  const random = seededRandom(6);
  const { config, parameters } = randomModel(PROBE, { pooling, head: 'linear' }, random);
  const words = randomFloats(PROBE.rows * PROBE.sequence * PROBE.width, random);
  const arrays = new Map(parameters.dense.map(({ name, values }) => [name, values]));

  const expected = LENGTHS.flatMap((length, message) => {
    const from = message * PROBE.sequence * PROBE.width;
    const own = Array.from({ length }, (_, t) => [...words.subarray(from + t * PROBE.width, from + (t + 1) * PROBE.width)]);
    return bert(config, arrays, own);
  });

  tf.setBackend('cpu');
  const pooled = tf.tidy(() => {
    const weights = lookup(new Map(parameters.dense.map(({ name, values, shape }) => [name, tf.tensor(values, shape)])));
    const mask = tf.tensor2d(LENGTHS.map((length) => Array.from({ length: PROBE.sequence }, (_, t) => (t < length ? 1 : 0))));
    const size = { batch: PROBE.rows, sequence: PROBE.sequence };
    const rows = tf.tensor2d(words, [PROBE.rows * PROBE.sequence, PROBE.width]);
    return encode(config, weights, rows, mask, size, (x) => x).dataSync();
  });
  expect(distance(expected, pooled)).toBeLessThan(1e-5);
});

/** One message without padding, a vector at a time. */
function bert(config: BertConfig & Shape, arrays: ReadonlyMap<string, Float32Array>, words: Vector[]): Vector {
  const get = (name: string) => arrays.get(name) as Float32Array;
  const plus = (a: Vector, b: ArrayLike<number>, from = 0) => a.map((value, i) => value + (b[from + i] as number));
  const dense = (x: Vector, name: string) => {
    const [weight, bias] = [get(`${name}.weight`), get(`${name}.bias`)];
    return Array.from(bias, (b, out) => x.reduce((sum, value, i) => sum + value * (weight[out * x.length + i] as number), b));
  };
  const norm = (x: Vector, name: string) => {
    const mean = average(x);
    const deviation = Math.sqrt(average(x.map((value) => (value - mean) ** 2)) + config.layer_norm_eps);
    const [scale, offset] = [get(`${name}.LayerNorm.weight`), get(`${name}.LayerNorm.bias`)];
    return x.map((value, i) => ((value - mean) / deviation) * (scale[i] as number) + (offset[i] as number));
  };
  const attend = (asking: Vector, states: Vector[], name: string) => {
    const width = asking.length / config.num_attention_heads;
    const [query, keys, values] = [
      dense(asking, `${name}.query`),
      states.map((x) => dense(x, `${name}.key`)),
      states.map((x) => dense(x, `${name}.value`)),
    ];
    return query.map((_, i) => {
      const head = Math.floor(i / width) * width;
      const part = Array.from({ length: width }, (_, k) => head + k);
      const scores = keys.map((key) =>
        Math.exp(part.reduce((sum, k) => sum + (query[k] as number) * (key[k] as number), 0) / Math.sqrt(width)),
      );
      const total = scores.reduce((a, b) => a + b);
      return values.reduce((sum, value, t) => sum + ((scores[t] as number) / total) * (value[i] as number), 0);
    });
  };
  const layer = (i: number, asking: Vector, states: Vector[]) => {
    const name = `encoder.layer.${i}`;
    const attended = dense(attend(asking, states, `${name}.attention.self`), `${name}.attention.output.dense`);
    const y = norm(plus(asking, attended), `${name}.attention.output`);
    const inner = dense(y, `${name}.intermediate.dense`).map((x) => x * normalCdf(x));
    return norm(plus(y, dense(inner, `${name}.output.dense`)), `${name}.output`);
  };

  const position = get('embeddings.position_embeddings.weight');
  const segment = get('embeddings.token_type_embeddings.weight');
  let states = words.map((word, t) => norm(plus(plus(word, position, t * word.length), segment), 'embeddings'));
  const last = config.num_hidden_layers - 1;
  for (let i = 0; i < last; i++) states = states.map((state) => layer(i, state, states));
  if (config.pooling === 'attention') return layer(last, meanOf(states), states);
  states = states.map((state) => layer(last, state, states));
  if (config.pooling === 'mean') return meanOf(states);
  return dense(states[0] as Vector, 'pooler.dense').map(Math.tanh);
}

function average(x: Vector): number {
  return x.reduce((a, b) => a + b) / x.length;
}

function meanOf(states: Vector[]): Vector {
  return (states[0] as Vector).map((_, i) => average(states.map((state) => state[i] as number)));
}

/** The standard normal distribution's function, by the trapezoidal rule from 0 on. */
function normalCdf(x: number): number {
  const steps = 2000;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  const inner = Array.from({ length: steps - 1 }, (_, i) => density(((i + 1) * x) / steps)).reduce((a, b) => a + b, 0);
  return 0.5 + (x / steps) * (inner + (density(0) + density(x)) / 2);
}
