import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import type { BertConfig, HeadSizes } from '../network/bert-config.ts';
import type { Parameter, Parameters } from '../network/parameters.ts';
import { encodeOnnx } from '../tracer/onnx.ts';
import { type DynamicGraph, type InputSpec, trace } from '../tracer/trace.ts';
import { BETA1, BETA2, clipScale, createAdamW, decays, EPSILON } from './adamw.ts';
import { batchFeeds, type StepOptions, type TrainingStep, traceStep } from './step.ts';

/** What AdamW keeps of a parameter, and reads for it. */
const KEPT = ['value', 'first', 'second'] as const;
/** Graphs read their sizes from a mask; those whose shapes are all fixed are given this one. */
const ONE = new ort.Tensor('float32', Float32Array.of(1), [1, 1]);
const SCALARS = ['scale', 'rate', 'epsilon', 'learning_rate'] as const;

/**
 * The training step on WebGPU with the dense parameters, their gradients and moments staying on the device: one graph
 * for the gradients, one for AdamW, each reading what the other left there. Only a batch, the rows of its word
 * embeddings and their gradient travel. Parameters and moments in the host's memory are as they were until `settle` brings
 * them back.
 * @param profile writes what ran where into files whose names begin so
 */
export async function createResidentStep(
  config: BertConfig,
  heads: HeadSizes,
  parameters: Parameters,
  { dropout, labelSmoothing, threads, random, ...options }: StepOptions,
  profile?: string,
): Promise<TrainingStep> {
  const { dense, words } = parameters;
  const graph = traceStep(config, heads, { dropout, labelSmoothing }, false);
  const gradientNames = dense.map(({ name }) => `gradient:${name}`);
  const stateNames = dense.flatMap(({ name }) => KEPT.map((kind) => `next:${kind}:${name}`));
  const open = (bytes: Uint8Array, kept: string[], part: string) =>
    ort.InferenceSession.create(bytes, {
      executionProviders: ['webgpu'],
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
      preferredOutputLocation: Object.fromEntries(kept.map((name) => [name, 'gpu-buffer'])),
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: `${profile}-${part}` }),
    });
  const differentiation = await open(encodeOnnx(graph, { sizesFrom: 'mask' }), gradientNames, 'gradients');
  const update = await open(encodeOnnx(traceAdamW(dense, options), { sizesFrom: 'mask' }), stateNames, 'adamw');
  // AdamW for the word embeddings, whose rows are few, stays beside the graph.
  const lazy = await createAdamW({ ...parameters, dense: [] }, options);
  const feed = batchFeeds(graph, config.hidden_size, heads, words.values, { dropout, random });
  let state: Record<string, ort.Tensor> = Object.fromEntries(
    dense.flatMap(({ name, shape, values, first, second }) =>
      Object.entries({ value: values, first, second }).map(([kind, array]) => [`${kind}:${name}`, new ort.Tensor('float32', array, shape)]),
    ),
  );

  return {
    async run(batch, learningRate) {
      const held = Object.fromEntries(dense.map(({ name }) => [name, tensorOf(state, `value:${name}`)]));
      const found = await differentiation.run({ ...held, ...feed(batch) });
      const gradients = Object.fromEntries(gradientNames.map((name) => [name, tensorOf(found, name)]));
      const [loss, squared] = ['loss', 'squared_norm'].map((name) => tensorOf(found, name).data[0] as number) as [number, number];
      words.gradient.set(tensorOf(found, 'gradient:words').data as Float32Array);
      const gradientNorm = Number.isFinite(loss) ? lazy.update(batch.ids, batch.mask, squared, learningRate) : Math.sqrt(squared);
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        for (const tensor of Object.values(gradients)) tensor.dispose();
        return { loss, gradientNorm };
      }
      const scalars = scalarsOf(lazy.steps, clipScale(gradientNorm, options.clip), learningRate);
      const next = await update.run({ ...state, ...gradients, ...scalars });
      for (const tensor of [...Object.values(state), ...Object.values(gradients)]) tensor.dispose();
      state = Object.fromEntries(Object.entries(next).map(([name, tensor]) => [name.slice('next:'.length), tensor as ort.Tensor]));
      return { loss, gradientNorm };
    },
    async settle() {
      // A buffer of the device is read through a graph only.
      const reading = await open(encodeOnnx(traceReading(dense), { sizesFrom: 'mask' }), [], 'reading');
      const read = await reading.run({ ...state, mask: ONE });
      for (const { name, values, first, second } of dense)
        for (const [kind, array] of Object.entries({ value: values, first, second }))
          array.set(tensorOf(read, `next:${kind}:${name}`).data as Float32Array);
      await reading.release();
    },
    async dispose() {
      for (const tensor of Object.values(state)) tensor.dispose();
      if (profile !== undefined) for (const session of [differentiation, update]) session.endProfiling();
      await Promise.all([differentiation.release(), update.release()]);
    },
  };
}

/** One update of AdamW for every parameter, as a graph; the formula is that of `adamw.wat`. */
function traceAdamW(dense: readonly Parameter[], { weightDecay, rateOf }: Pick<StepOptions, 'weightDecay' | 'rateOf'>): DynamicGraph {
  const inputs: Record<string, InputSpec> = { mask: { shape: ['batch', 'sequence'] } };
  for (const name of SCALARS) inputs[name] = { shape: [] };
  for (const { name, shape } of dense) for (const kind of [...KEPT, 'gradient']) inputs[`${kind}:${name}`] = { shape };
  return trace(inputs, (given) => {
    const get = (name: string) => given[name] as tf.Tensor;
    return Object.fromEntries(
      dense.flatMap(({ name }) => {
        const [value, gradient] = [get(`value:${name}`), tf.mul(get(`gradient:${name}`), get('scale'))];
        const towards = (moment: tf.Tensor, goal: tf.Tensor, share: number) => tf.add(moment, tf.mul(tf.sub(goal, moment), share));
        const first = towards(get(`first:${name}`), gradient, 1 - BETA1);
        const second = towards(get(`second:${name}`), tf.square(gradient), 1 - BETA2);
        const direction = tf.div(first, tf.add(tf.sqrt(second), get('epsilon')));
        const decay = tf.mul(get('learning_rate'), rateOf(name) * weightDecay);
        const kept = decays(name) ? tf.sub(value, tf.mul(value, decay)) : value;
        const moved = tf.sub(kept, tf.mul(direction, tf.mul(get('rate'), rateOf(name))));
        return [
          [`next:value:${name}`, moved],
          [`next:first:${name}`, first],
          [`next:second:${name}`, second],
        ];
      }),
    );
  });
}

/** A graph that gives back what AdamW keeps. */
function traceReading(dense: readonly Parameter[]): DynamicGraph {
  const inputs: Record<string, InputSpec> = { mask: { shape: ['batch', 'sequence'] } };
  for (const { name, shape } of dense) for (const kind of KEPT) inputs[`${kind}:${name}`] = { shape };
  return trace(inputs, (given) => {
    const { mask: _, ...kept } = given;
    return Object.fromEntries(Object.entries(kept).map(([name, tensor]) => [`next:${name}`, tf.mul(tensor, 1)]));
  });
}

function scalarsOf(steps: number, scale: number, learningRate: number): Record<string, ort.Tensor> {
  const correction = Math.sqrt(1 - BETA2 ** steps);
  const values = {
    scale,
    rate: (learningRate / (1 - BETA1 ** steps)) * correction,
    epsilon: EPSILON * correction,
    learning_rate: learningRate,
  };
  const scalars = SCALARS.map((name) => [name, new ort.Tensor('float32', Float32Array.of(values[name]), [])]);
  return { ...Object.fromEntries(scalars), mask: ONE };
}

function tensorOf(tensors: ort.InferenceSession.OnnxValueMapType, name: string): ort.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`the step has no tensor ${name}`);
  return tensor as ort.Tensor;
}
