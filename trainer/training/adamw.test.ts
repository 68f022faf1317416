import { describe, expect, it } from 'vitest';
import { allocateParameters, type Parameters, trainedArrays } from '../network/parameters.ts';
import { distance, randomFloats } from '../network/random-model.ts';
import type { NamedArray } from '../network/safetensors.ts';
import { type AdamW, createAdamW } from './adamw.ts';
import { PROBE_HEADS, probeConfig, TINY } from './device-trial.ts';
import { seededRandom } from './random.ts';

const WIDTH = 12;
const OPTIONS = { weightDecay: 0.05, clip: 1, rateOf: (name: string) => (name.startsWith('intent_head') ? 3 : 1) };

/** Parameters whose arrays have 13, 5, 3 ... numbers: no multiple of what SIMD takes at once. */
function oddParameters(seed: number): Parameters {
  const config = { ...probeConfig(TINY), hidden_size: WIDTH, num_attention_heads: 1, intermediate_size: 13, vocab_size: 11 };
  const parameters = allocateParameters(config, { intents: 5, priorities: 3 }, 12);
  const random = seededRandom(seed);
  for (const { values } of [...parameters.dense, parameters.words]) values.set(randomFloats(values.length, random));
  return parameters;
}

const copyOf = (arrays: ReadonlyMap<string, NamedArray>) => [...arrays].map(([name, { values }]) => [name, ...values]);

/** AdamW as its paper writes it, in double precision; an array is updated only at the places that are given. */
function plainAdamW() {
  const moments = new Map<string, { first: number[]; second: number[] }>();
  return (name: string, values: number[], gradient: number[], places: number[], step: number, rate: number) => {
    const { first, second } = moments.get(name) ?? { first: values.map(() => 0), second: values.map(() => 0) };
    moments.set(name, { first, second });
    const decay = name.endsWith('.weight') && !name.includes('LayerNorm') ? OPTIONS.weightDecay : 0;
    for (const i of places) {
      const g = gradient[i] ?? 0;
      first[i] = 0.9 * (first[i] ?? 0) + 0.1 * g;
      second[i] = 0.999 * (second[i] ?? 0) + 0.001 * g * g;
      const direction = (first[i] ?? 0) / (1 - 0.9 ** step) / (Math.sqrt((second[i] ?? 0) / (1 - 0.999 ** step)) + 1e-8);
      values[i] = (values[i] ?? 0) * (1 - rate * decay) - rate * direction;
    }
  };
}

describe('AdamW', () => {
  it.each([
    ['that are clipped', 2],
    ['that are not', 0.001],
  ])('follows a plain loop over gradients %s, rows of repeated tokens summed', async (_, scale) => {
    const parameters = oddParameters(1);
    const { dense, words } = parameters;
    const adamw = await createAdamW(parameters, OPTIONS);
    const plain = plainAdamW();
    const expected = new Map([...dense, words].map(({ name, values }) => [name, [...values]]));
    const random = seededRandom(2);
    for (let step = 1; step <= 4; step++) {
      const ids = Int32Array.of(4, 9, 4, 0, 4, 9);
      const real = Float32Array.of(1, 1, 1, 1, 1, 0); // the last is padding
      const rate = 0.01 / step;
      for (const parameter of [...dense, words])
        parameter.gradient.set(randomFloats(parameter.gradient.length, random).map((g) => g * scale));
      const wordGradient = new Array<number>(words.values.length).fill(0);
      ids.forEach((id, row) => {
        for (let i = 0; i < WIDTH && real[row] === 1; i++)
          wordGradient[id * WIDTH + i] = (wordGradient[id * WIDTH + i] ?? 0) + (words.gradient[row * WIDTH + i] ?? 0);
      });
      const squares = (gradient: Iterable<number>) => [...gradient].reduce((sum, g) => sum + g * g, 0);
      const dense2 = dense.reduce((sum, { gradient }) => sum + squares(gradient), 0);
      const norm = Math.sqrt(dense2 + squares(wordGradient));
      const factor = Math.min(1, OPTIONS.clip / norm);
      expect(factor < 1).toBe(scale === 2);
      for (const { name, gradient, values } of dense) {
        const clipped = Array.from(gradient, (g) => g * factor);
        plain(name, expected.get(name) ?? [], clipped, [...values.keys()], step, rate * OPTIONS.rateOf(name));
      }
      const touched = [...words.values.keys()].filter((i) => [0, 4, 9].includes(Math.floor(i / WIDTH)));
      plain(
        words.name,
        expected.get(words.name) ?? [],
        wordGradient.map((g) => g * factor),
        touched,
        step,
        rate,
      );
      expect(adamw.update(ids, real, dense2, rate)).toBeCloseTo(norm, 4);
    }
    expect(adamw.steps).toBe(4);
    for (const { name, values } of [...dense, words]) expect(distance(expected.get(name) ?? [], values), name).toBeLessThan(2e-6);
  });

  it('moves no parameter into its neighbour: what lies between them stays zero', async () => {
    const parameters = oddParameters(3);
    const adamw = await createAdamW(parameters, OPTIONS);
    for (const { gradient } of parameters.dense) gradient.fill(0.1);
    adamw.update(Int32Array.of(1), Float32Array.of(1), 1, 0.01);
    for (const { at, values } of parameters.dense) {
      const gap = (16 - (values.length % 16)) % 16;
      for (const offset of [at.values, at.first, at.second])
        expect([...new Float32Array(parameters.memory.buffer, offset + 4 * values.length, gap)].every((value) => value === 0)).toBe(true);
    }
  });

  it('moves no value at a rate of 0', async () => {
    const parameters = oddParameters(4);
    const adamw = await createAdamW(parameters, OPTIONS);
    const before = parameters.dense.map(({ values }) => values.slice());
    adamw.update(Int32Array.of(1), Float32Array.of(1), 1, 0);
    expect(parameters.dense.map(({ values }) => values)).toEqual(before);
  });

  it.each([
    ['a squared norm that is no number', Number.NaN, 0.1],
    ['an infinite squared norm', Number.POSITIVE_INFINITY, 0.1],
    ['a word whose gradient is no number', 1, Number.NaN],
  ])('tells %s, and learns nothing from it', async (_, squaredNorm, ofWord) => {
    const parameters = oddParameters(5);
    const adamw = await createAdamW(parameters, OPTIONS);
    const update = (squared: number) => adamw.update(Int32Array.of(1), Float32Array.of(1), squared, 0.01);
    update(1);
    const before = copyOf(trainedArrays(parameters));
    parameters.words.gradient.fill(ofWord);
    expect(Number.isFinite(update(squaredNorm))).toBe(false);
    expect([adamw.steps, copyOf(trainedArrays(parameters))]).toEqual([1, before]);
  });

  it('goes on as if it had not been stopped, from values, moments and their number of updates', async () => {
    const update = (adamw: AdamW, { dense }: Parameters, step: number) => {
      const random = seededRandom(step);
      for (const { gradient } of dense) gradient.set(randomFloats(gradient.length, random));
      adamw.update(Int32Array.of(step, 1), Float32Array.of(1, 1), 1, 0.01);
    };
    const [whole, first, second] = [6, 6, 7].map(oddParameters) as [Parameters, Parameters, Parameters];
    const throughout = await createAdamW(whole, OPTIONS);
    for (const step of [1, 2, 3, 4]) update(throughout, whole, step);
    const stopped = await createAdamW(first, OPTIONS);
    for (const step of [1, 2]) update(stopped, first, step);
    for (const [name, { values }] of trainedArrays(first)) trainedArrays(second).get(name)?.values.set(values);
    const goesOn = await createAdamW(second, { ...OPTIONS, updatesBefore: stopped.steps });
    for (const step of [3, 4]) update(goesOn, second, step);
    expect(goesOn.steps).toBe(4);
    expect(copyOf(trainedArrays(second))).toEqual(copyOf(trainedArrays(whole)));
  });
});

it('lays out a memory in which nothing overlaps', () => {
  const parameters = allocateParameters(probeConfig(TINY), PROBE_HEADS, 24);
  const spans = [...parameters.dense, parameters.words].flatMap(({ at, values, gradient }) => [
    [at.values, at.values + values.byteLength],
    [at.first, at.first + values.byteLength],
    [at.second, at.second + values.byteLength],
    [at.gradient, at.gradient + gradient.byteLength],
  ]);
  const sorted = spans.toSorted(([a = 0], [b = 0]) => a - b);
  sorted.slice(1).forEach(([from = 0], i) => {
    expect(from).toBeGreaterThanOrEqual(sorted[i]?.[1] ?? Number.NaN);
    expect(from % 64).toBe(0);
  });
});

it('refuses a model that does not fit into 4 GiB', () => {
  const config = { ...probeConfig(TINY), vocab_size: 250_000, hidden_size: 2048, intermediate_size: 8192, num_hidden_layers: 24 };
  expect(() => allocateParameters(config, PROBE_HEADS, 2048)).toThrow(/This checkpoint needs [\d.]+ GiB .* the limit is 4 GiB/);
});
