import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { distance, randomModel, SHAPES } from '../network/random-model.ts';
import { PROBE_HEADS, probeBatch, TINY } from './device-trial.ts';
import { seededRandom } from './random.ts';
import { type CreateStep, createTrainingStep } from './step.ts';
import { createTfjsStep, loadTensorFlow } from './tfjs-step.ts';

/** Losses of five steps, and the parameters after them. */
async function train(createStep: CreateStep, shape: (typeof SHAPES)[number], dropout: number) {
  const { config, parameters } = randomModel(TINY, shape, seededRandom(2));
  const random = seededRandom(4);
  const options = { dropout, labelSmoothing: 0.1, weightDecay: 0.01, clip: 1, threads: 1, random, rateOf: () => 1 };
  const step = await createStep(config, PROBE_HEADS, parameters, options);
  const losses: number[] = [];
  for (let i = 0; i < 5; i++) {
    const batch = probeBatch({ ...TINY, rows: 2 + (i % 3), sequence: 3 + (i % 2) }, seededRandom(10 + i));
    losses.push((await step.run(batch, 2e-3)).loss);
  }
  await step.dispose();
  return { losses, parameters: [parameters.words, ...parameters.dense] };
}

const onCpuBackend: CreateStep = (config, heads, parameters, options) => createTfjsStep(config, heads, parameters, options, 'cpu');

describe.each(SHAPES)('a network with $pooling pooling and a $head head', (shape) => {
  it.each([0, 0.1])('trains eagerly to the losses and parameters of the traced step, with dropout %f', async (dropout) => {
    const [traced, eager] = [await train(createTrainingStep, shape, dropout), await train(onCpuBackend, shape, dropout)];
    expect(distance(traced.losses, eager.losses)).toBeLessThan(1e-3);
    expect(traced.losses[4]).not.toBeCloseTo(traced.losses[0] ?? 0, 2);
    traced.parameters.forEach(({ name, values }, i) => {
      // AdamW turns a gradient of nothing but rounding into a whole step of either sign; a bias of the keys has no other, for softmax takes it out.
      expect(meanDistance(values, eager.parameters[i]?.values ?? []), name).toBeLessThan(name.endsWith('.key.bias') ? 2e-3 : 1e-4);
    });
  });
});

it('leaves no tensor behind', async () => {
  tf.setBackend('cpu');
  await train(onCpuBackend, { pooling: 'mean', head: 'linear' }, 0.1);
  const before = tf.memory().numTensors;
  await train(onCpuBackend, { pooling: 'mean', head: 'linear' }, 0.1);
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses a backend that is not there', async () => {
  const missing: CreateStep = (config, heads, parameters, options) => createTfjsStep(config, heads, parameters, options, 'abacus');
  await expect(train(missing, { pooling: 'mean', head: 'linear' }, 0)).rejects.toThrow('abacus');
});

it('says of each package why it cannot be loaded', async () => {
  expect(await loadTensorFlow(['@tensorflow/no-such-package'])).toEqual({
    failures: [expect.stringContaining("@tensorflow/no-such-package: Cannot find package '@tensorflow/no-such-package'")],
  });
});

function meanDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a, (value, i) => Math.abs(value - (b[i] ?? Number.NaN))).reduce((sum, d) => sum + d, 0) / a.length;
}
