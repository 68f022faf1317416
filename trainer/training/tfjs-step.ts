import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { dropoutPlaces } from '../bert.ts';
import type { BertConfig, HeadSizes } from '../network/bert-config.ts';
import type { Parameters } from '../network/parameters.ts';
import { registerGradients } from '../tracer/gradients.ts';
import { createAdamW } from './adamw.ts';
import { differentiate, gatherRows, poolMasks, type StepOptions, type TrainingStep } from './step.ts';

/** The packages that bring TensorFlow's native library, best first. */
export const TFJS_PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** A package that was found and registered its backend, or what stood against each. */
export type TensorFlow = { package: string; backend: string } | { failures: string[] };

/** Loads the first TensorFlow package that is installed and can be loaded. */
export async function loadTensorFlow(packages: readonly string[] = TFJS_PACKAGES): Promise<TensorFlow> {
  restoreOldUtil();
  const failures: string[] = [];
  for (const name of packages) {
    try {
      await import(name);
      return { package: name, backend: 'tensorflow' };
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
    }
  }
  return { failures };
}

/**
 * The training step run eagerly by a TensorFlow.js backend, with no trace: the same function, differentiated anew for
 * each batch. Gradients are read back, and AdamW updates the parameters beside it.
 * @param backend name of a registered TensorFlow.js backend
 */
export async function createTfjsStep(
  config: BertConfig,
  heads: HeadSizes,
  parameters: Parameters,
  { dropout, labelSmoothing, random, threads: _, ...options }: StepOptions,
  backend: string,
): Promise<TrainingStep> {
  registerGradients();
  const adamw = await createAdamW(parameters, options);
  const width = config.hidden_size;
  const names = parameters.dense.map(({ name }) => name);
  const masks = dropout > 0 ? poolMasks(dropout, random) : undefined;
  const mask = (rows: number) => {
    if (masks === undefined) throw new Error('this step has no dropout');
    const from = Math.floor(random() * (masks.length - rows * width));
    return tf.tensor(masks.subarray(from, from + rows * width), [rows, width]);
  };

  return {
    async run(batch, learningRate) {
      const { batch: rows, sequence } = batch.size;
      const tokens = rows * sequence;
      if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend}`);
      const results = tf.tidy(() => {
        const given: Record<string, tf.Tensor> = {
          ...Object.fromEntries(parameters.dense.map(({ name, values, shape }) => [name, tf.tensor(values, shape)])),
          words: tf.tensor(gatherRows(parameters.words.values, batch.ids, width), [tokens, width]),
          mask: tf.tensor(batch.mask, [rows, sequence]),
          intents: tf.tensor(batch.intents, [rows, heads.intents]),
          intent_weights: tf.tensor(batch.intentWeights, [rows]),
          priorities: tf.tensor(batch.priorities, [rows, heads.priorities]),
          categories: tf.tensor(batch.categories, [rows, heads.intents]),
          category_weights: tf.tensor(batch.categoryWeights, [rows]),
          teacher: tf.tensor(batch.teacher, [rows, heads.intents]),
          teacher_weights: tf.tensor(batch.teacherWeights, [rows]),
          priority_weights: tf.tensor(batch.priorityWeights, [rows]),
        };
        if (masks !== undefined) {
          for (const [i, place] of dropoutPlaces(config).entries()) given[`dropout_${i}`] = mask(place === 'batch' ? rows : tokens);
          given.dropout_pooled = mask(rows);
        }
        return differentiate(config, names, given, batch.size, { dropout, labelSmoothing });
      });
      try {
        for (const { name, gradient } of parameters.dense) gradient.set(await floats(results, `gradient:${name}`));
        parameters.words.gradient.set(await floats(results, 'gradient:words'));
        const [[loss = Number.NaN], [squaredNorm = Number.NaN]] = [await floats(results, 'loss'), await floats(results, 'squared_norm')];
        if (!Number.isFinite(loss)) return { loss, gradientNorm: Math.sqrt(squaredNorm) };
        return { loss, gradientNorm: adamw.update(batch.ids, batch.mask, squaredNorm, learningRate) };
      } finally {
        tf.dispose(results);
      }
    },
    async settle() {},
    async dispose() {},
  };
}

async function floats(tensors: Record<string, tf.Tensor>, name: string): Promise<Float32Array> {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`the step has no output ${name}`);
  return tensor.data<'float32'>();
}

/** tfjs-node calls two functions of `node:util` that Node 23 took away. */
function restoreOldUtil(): void {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}
