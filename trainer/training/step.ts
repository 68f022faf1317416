import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { type Dropout, dropoutPlaces, encode, head, type Weights } from '../bert.ts';
import type { BertConfig, HeadSizes } from '../network/bert-config.ts';
import { parameterShapes } from '../network/bert-config.ts';
import { crossEntropy, marginalNll } from '../network/layers.ts';
import type { Parameters } from '../network/parameters.ts';
import { encodeOnnx } from '../tracer/onnx.ts';
import { type DynamicGraph, type InputSpec, type Size, trace } from '../tracer/trace.ts';
import { type AdamWOptions, createAdamW } from './adamw.ts';
import { returningNothing, runInto } from './run-into.ts';
import { GEMM_TRANSPOSE_FUSION, transposeAhead } from './transpose-ahead.ts';

/** One batch as the step reads it. Rows without a label of a kind have weight 0 there (and any class allowed). */
export type Batch = {
  size: Size;
  /** token ids, `[batch * sequence]` */
  ids: Int32Array;
  /** 1 for tokens, 0 for padding, `[batch * sequence]` */
  mask: Float32Array;
  /** 1 for each intent that the label covers, `[batch * intents]` */
  intents: Float32Array;
  /** weight of each row's intent loss, `[batch]`; they sum to about 1 */
  intentWeights: Float32Array;
  /** 1 for each intent of its category, `[batch * intents]` */
  categories: Float32Array;
  categoryWeights: Float32Array;
  /** a teacher's probability of each intent, `[batch * intents]`; zeros where it says nothing */
  teacher: Float32Array;
  teacherWeights: Float32Array;
  priorities: Float32Array;
  priorityWeights: Float32Array;
};

/** What of a recipe shapes the loss. */
export type LossOptions = {
  /** probability at each place; 0 leaves dropout out of the graph */
  dropout: number;
  /** share of the loss that spreads over all classes */
  labelSmoothing: number;
};

/** What one step tells: the loss before it, and the norm of its gradient before clipping. */
export type StepResult = { loss: number; gradientNorm: number };

export type TrainingStep = {
  /** Computes loss and gradient of a batch, and learns from them where both are finite numbers; else it changes nothing. */
  run(batch: Batch, learningRate: number): Promise<StepResult>;
  /** Brings parameters and moments into the host's memory, where a device keeps them for itself. */
  settle(): Promise<void>;
  /** Releases the device; what was not settled is lost. */
  dispose(): Promise<void>;
};

export type StepOptions = AdamWOptions &
  LossOptions & {
    /** threads of the processor */
    threads: number;
    /** draws the masks of dropout */
    random: () => number;
  };

/** Makes the training step of one device; it trains `parameters` in place. */
export type CreateStep = (config: BertConfig, heads: HeadSizes, parameters: Parameters, options: StepOptions) => Promise<TrainingStep>;

/** Where ONNX Runtime runs the graph. */
export type RuntimeOptions = {
  /** Default `cpu` */
  provider?: 'cpu' | 'webgpu' | 'cuda';
  /** writes what ran where into a file whose name begins so, for the trial of a device */
  profile?: string;
};

/** Ready-made dropout values: a stretch of them at a random place is a mask, at no cost. */
const POOLED_MASK_VALUES = 1 << 23;

/** The training step on ONNX Runtime: forward, loss and gradients in one traced graph for every size, AdamW beside it. */
export async function createTrainingStep(
  config: BertConfig,
  heads: HeadSizes,
  parameters: Parameters,
  { dropout, labelSmoothing, threads, random, ...options }: StepOptions,
  { provider = 'cpu', profile }: RuntimeOptions = {},
): Promise<TrainingStep> {
  // The WebGPU provider has no FusedMatMul: ONNX Runtime would carry each stack of products to the processor and back.
  const graph = traceStep(config, heads, { dropout, labelSmoothing }, provider !== 'webgpu');
  const suited = provider === 'cpu' ? transposeAhead(graph) : graph;
  const session = await ort.InferenceSession.create(encodeOnnx(returningNothing(suited), { sizesFrom: 'mask' }), {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
    enableMemPattern: false, // it would keep a block of memory for every size of batch that it has seen
    ...(provider === 'cpu' && { extra: { optimization: { disable_specified_optimizers: GEMM_TRANSPOSE_FUSION } } }),
    ...(provider === 'cpu' ? {} : { logSeverityLevel: 3 as const }), // else it warns of each size that it computes on the processor
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  });
  const adamw = await createAdamW(parameters, options);
  const width = config.hidden_size;
  const feed = batchFeeds(graph, width, heads, parameters.words.values, { dropout, random });
  const held = Object.fromEntries(parameters.dense.map(({ name, values, shape }) => [name, floats(values, shape)]));
  const gradients = Object.fromEntries(parameters.dense.map(({ name, gradient, shape }) => [`gradient:${name}`, floats(gradient, shape)]));
  const loss = floats(new Float32Array(1), []);
  const squaredNorm = floats(new Float32Array(1), []);

  return {
    async run(batch, learningRate) {
      const tokens = batch.ids.length;
      const wordGradient = floats(parameters.words.gradient.subarray(0, tokens * width), [tokens, width]);
      await runInto(
        session,
        { ...held, ...feed(batch) },
        { ...gradients, loss, squared_norm: squaredNorm, 'gradient:words': wordGradient },
      );
      const [told, squared] = [loss.data[0] as number, squaredNorm.data[0] as number];
      if (!Number.isFinite(told)) return { loss: told, gradientNorm: Math.sqrt(squared) };
      return { loss: told, gradientNorm: adamw.update(batch.ids, batch.mask, squared, learningRate) };
    },
    async settle() {},
    async dispose() {
      if (profile !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

/** What a batch brings into the graph of {@link traceStep}: its word embeddings, labels and masks. */
export function batchFeeds(
  graph: DynamicGraph,
  width: number,
  heads: HeadSizes,
  table: Float32Array,
  { dropout, random }: Pick<StepOptions, 'dropout' | 'random'>,
): (batch: Batch) => Record<string, ort.Tensor> {
  const masks = dropout > 0 ? poolMasks(dropout, random) : undefined;
  const maskInputs = graph.inputs.filter(({ name }) => name.startsWith('dropout_'));
  let space = new Float32Array(0); // for the rows of every batch: a new array each time would be garbage of a megabyte
  const rowsOf = (tokens: number) => {
    if (space.length < tokens * width) space = new Float32Array(tokens * width);
    return space.subarray(0, tokens * width);
  };
  return (batch) => {
    const { batch: rows, sequence } = batch.size;
    const tokens = rows * sequence;
    const feeds: Record<string, ort.Tensor> = {
      words: floats(gatherRows(table, batch.ids, width, rowsOf(tokens)), [tokens, width]),
      mask: floats(batch.mask, [rows, sequence]),
      intents: floats(batch.intents, [rows, heads.intents]),
      intent_weights: floats(batch.intentWeights, [rows]),
      priorities: floats(batch.priorities, [rows, heads.priorities]),
      categories: floats(batch.categories, [rows, heads.intents]),
      category_weights: floats(batch.categoryWeights, [rows]),
      teacher: floats(batch.teacher, [rows, heads.intents]),
      teacher_weights: floats(batch.teacherWeights, [rows]),
      priority_weights: floats(batch.priorityWeights, [rows]),
    };
    if (masks !== undefined) {
      for (const { name, shape } of maskInputs) {
        const count = (shape[0] === 'batch' ? rows : tokens) * width;
        const from = Math.floor(random() * (masks.length - count));
        feeds[name] = floats(masks.subarray(from, from + count), [count / width, width]);
      }
    }
    return feeds;
  };
}

function floats(values: Float32Array, shape: number[]): ort.Tensor {
  return new ort.Tensor('float32', values, shape);
}

/**
 * The loss of a batch as a function of parameters and word embeddings, and its gradients, as one graph.
 * @param fused whether what runs the graph has ONNX Runtime's `FusedMatMul`
 */
export function traceStep(config: BertConfig, heads: HeadSizes, { dropout, labelSmoothing }: LossOptions, fused = true): DynamicGraph {
  const shapes = parameterShapes(config, heads);
  const names = [...shapes.keys()];
  const places = dropout > 0 ? dropoutPlaces(config) : [];
  const inputs: Record<string, InputSpec> = {
    ...Object.fromEntries([...shapes].map(([name, shape]) => [name, { shape }])),
    words: { shape: ['tokens', config.hidden_size] },
    mask: { shape: ['batch', 'sequence'] },
    intents: { shape: ['batch', heads.intents] },
    intent_weights: { shape: ['batch'] },
    priorities: { shape: ['batch', heads.priorities] },
    categories: { shape: ['batch', heads.intents] },
    category_weights: { shape: ['batch'] },
    teacher: { shape: ['batch', heads.intents] },
    teacher_weights: { shape: ['batch'] },
    priority_weights: { shape: ['batch'] },
    ...Object.fromEntries(places.map((rows, i) => [`dropout_${i}`, { shape: [rows, config.hidden_size] } satisfies InputSpec])),
    ...(dropout > 0 ? { dropout_pooled: { shape: ['batch', config.hidden_size] } as InputSpec } : {}),
  };
  return trace(inputs, (given, size) => differentiate(config, names, given, size, { dropout, labelSmoothing }), { fused });
}

/**
 * The loss of a batch, the squared norm of the dense gradients, and every gradient under `gradient:` and its name.
 * @param names of the dense parameters
 * @param given the step's inputs, dense parameters and word embeddings (`words`) among them
 */
export function differentiate(
  config: BertConfig,
  names: readonly string[],
  given: Record<string, tf.Tensor>,
  size: Size,
  options: LossOptions,
): Record<string, tf.Tensor> {
  const { value, grads } = tf.valueAndGrads((words: tf.Tensor, ...dense: tf.Tensor[]) => {
    const weights = lookup(new Map(names.map((name, i) => [name, dense[i] as tf.Tensor])));
    return lossOf(config, weights, words as tf.Tensor2D, given, size, options);
  })([input(given, 'words'), ...names.map((name) => input(given, name))]);
  const [words, ...dense] = grads as [tf.Tensor, ...tf.Tensor[]];
  return {
    loss: value,
    squared_norm: dense.map((g) => tf.sum(tf.square(g))).reduce((a, b) => tf.add(a, b)),
    'gradient:words': words,
    ...Object.fromEntries(names.map((name, i) => [`gradient:${name}`, dense[i] as tf.Tensor])),
  };
}

/** Weighted sum of the losses of intent, category (the sum of its intents) and priority. `given` are the step's inputs beside parameters and word embeddings. */
export function lossOf(
  config: BertConfig,
  weights: Weights,
  words: tf.Tensor2D,
  given: Record<string, tf.Tensor>,
  size: Size,
  { dropout, labelSmoothing }: LossOptions,
): tf.Scalar {
  const mask = input(given, 'mask') as tf.Tensor2D;
  let place = 0;
  const drop: Dropout = dropout > 0 ? (x) => tf.mul(x, input(given, `dropout_${place++}`)) : (x) => x;
  const pooled = encode(config, weights, words, mask, size, drop);
  const dropped = dropout > 0 ? (tf.mul(pooled, input(given, 'dropout_pooled')) as tf.Tensor2D) : pooled;
  const loss = (logits: tf.Tensor2D, name: 'intent' | 'category' | 'priority', allowed: string) => {
    const certain = marginalNll(logits, input(given, allowed) as tf.Tensor2D);
    const uniform = tf.neg(tf.mean(tf.logSoftmax(logits), -1));
    const nll = labelSmoothing === 0 ? certain : tf.add(tf.mul(certain, 1 - labelSmoothing), tf.mul(uniform, labelSmoothing));
    return tf.sum(tf.mul(nll, input(given, `${name}_weights`)));
  };
  const [intents, priorities] = [head(config, 'intent', weights, dropped), head(config, 'priority', weights, dropped)];
  const taught = crossEntropy(intents, input(given, 'teacher') as tf.Tensor2D);
  return [
    loss(intents, 'intent', 'intents'),
    loss(intents, 'category', 'categories'),
    loss(priorities, 'priority', 'priorities'),
    tf.sum(tf.mul(taught, input(given, 'teacher_weights'))),
  ].reduce((a, b) => tf.add(a, b)) as tf.Scalar;
}

/** Parameters by name. */
export function lookup(tensors: ReadonlyMap<string, tf.Tensor>): Weights {
  return (name) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`the model has no parameter ${name}`);
    return tensor;
  };
}

function input(given: Record<string, tf.Tensor>, name: string): tf.Tensor {
  const tensor = given[name];
  if (tensor === undefined) throw new Error(`the step has no input ${name}`);
  return tensor;
}

/** Copies the rows of a table that tokens name into `rows` `[tokens, width]`. */
export function gatherRows(table: Float32Array, ids: Int32Array, width: number, rows = new Float32Array(ids.length * width)): Float32Array {
  for (const [row, id] of ids.entries()) rows.set(table.subarray(id * width, (id + 1) * width), row * width);
  return rows;
}

/** Dropout values, kept ones scaled up, ready to be used from any place on. */
export function poolMasks(rate: number, random: () => number): Float32Array {
  const kept = 1 / (1 - rate);
  return Float32Array.from({ length: POOLED_MASK_VALUES }, () => (random() < rate ? 0 : kept));
}
