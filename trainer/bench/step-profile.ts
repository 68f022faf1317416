import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import type { BertConfig } from '../network/bert-config.ts';
import { encodeOnnx } from '../tracer/onnx.ts';
import { trace } from '../tracer/trace.ts';
import { isMatrixProduct, type NodeRun, profiled } from '../training/profile.ts';
import { seededRandom } from '../training/random.ts';
import { breathe, tell } from './pace.ts';
import { randomBatch, SHAPES } from './shapes.ts';
import { median } from './statistics.ts';
import { openOwnStep, SIZES } from './step-race.ts';
import type { Table } from './table.ts';

/** Steps that are profiled; the first of them, which plans its memory, is taken out. */
const STEPS = 12;
/** Rows and columns of the product that says what the processor can do. */
const SQUARE = 1536;

/** Where the time of one step goes, in ms. */
export type StepProfile = {
  batch: number;
  sequence: number;
  step: number;
  /** matrix products of the graph */
  products: number;
  /** its other nodes */
  others: number;
  /** GFLOP/s of the products, and of one large product alone */
  rate: number;
  most: number;
};

/** Profiles our training step, and sets its matrix products beside one large product on the same threads. */
export async function profileSteps(threads: number, signal: AbortSignal): Promise<StepProfile[]> {
  const most = await rateOfLargeProduct(threads);
  const profiles: StepProfile[] = [];
  for (const { batch, sequence } of SIZES) {
    tell(`where the time goes: ${batch} x ${sequence}`);
    await breathe(signal);
    const { result, nodes } = await profiled(async (profile) => {
      const step = await openOwnStep(threads, { profile });
      const data = randomBatch(batch, sequence, seededRandom(1));
      const times: number[] = [];
      for (let i = 0; i < STEPS; i++) {
        const started = performance.now();
        await step.run(data, 1e-5);
        times.push(performance.now() - started);
      }
      await step.dispose();
      return times.slice(1);
    });
    const spent = spentIn(nodes, STEPS);
    const flops = flopsOfProducts(SHAPES['MiniLM-L6'], batch, sequence);
    profiles.push({ batch, sequence, step: median(result), ...spent, rate: flops / spent.products / 1e6, most });
  }
  return profiles;
}

/** What the nodes of each step took, in ms: the median over steps, without the first. */
export function spentIn(nodes: readonly NodeRun[], steps: number): { products: number; others: number } {
  const each = nodes.length / steps;
  if (!Number.isInteger(each)) throw new Error(`${nodes.length} nodes are not ${steps} steps of the same graph`);
  const took = (wanted: boolean) =>
    Array.from({ length: steps - 1 }, (_, i) =>
      nodes
        .slice((i + 1) * each, (i + 2) * each)
        .filter(({ op }) => isMatrixProduct(op) === wanted)
        .reduce((sum, { microseconds }) => sum + microseconds / 1000, 0),
    );
  return { products: median(took(true)), others: median(took(false)) };
}

/**
 * Floating-point operations of the matrix products of a step's encoder: two for each weight and state that is multiplied
 * with it, and again twice that backward.
 */
export function flopsOfProducts(config: BertConfig, batch: number, sequence: number): number {
  const { hidden_size: width, intermediate_size: inner, num_hidden_layers: layers, pooling } = config;
  const tokens = batch * sequence;
  const attended = 2 * width * width; // keys and values
  const asking = 2 * width * width + 2 * width * inner + 2 * sequence * width; // the last term: scores, and their mixture of values
  const askingLast = pooling === 'mean' ? tokens : batch;
  return 3 * 2 * (layers * tokens * attended + ((layers - 1) * tokens + askingLast) * asking);
}

/** GFLOP/s of one large product, the quickest of several. */
async function rateOfLargeProduct(threads: number): Promise<number> {
  const shape = [SQUARE, SQUARE];
  const graph = trace({ mask: { shape: ['batch', 'sequence'] }, a: { shape }, b: { shape } }, ({ a, b }) => ({
    product: tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D),
  }));
  const session = await ort.InferenceSession.create(encodeOnnx(graph, { sizesFrom: 'mask' }), { intraOpNumThreads: threads });
  const random = seededRandom(4);
  const tensor = () => new ort.Tensor('float32', Float32Array.from({ length: SQUARE * SQUARE }, random), shape);
  const feeds = { mask: new ort.Tensor('float32', Float32Array.of(1), [1, 1]), a: tensor(), b: tensor() };
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < STEPS; i++) {
    const started = performance.now();
    await session.run(feeds);
    least = Math.min(least, performance.now() - started);
  }
  await session.release();
  return (2 * SQUARE ** 3) / least / 1e6;
}

export function tableOfProfiles(profiles: readonly StepProfile[], threads: number): Table {
  const share = (part: number, whole: number) => `${part.toFixed(0)} ms, ${((100 * part) / whole).toFixed(0)} %`;
  return {
    title: `Where a step's time goes, ${threads} threads`,
    columns: ['batch', 'step', 'matrix products', 'other nodes', 'AdamW and the rest', 'GFLOP/s of the products', 'of one large product'],
    rows: profiles.map(({ batch, sequence, step, products, others, rate, most }) => [
      `${batch} x ${sequence}`,
      `${step.toFixed(0)} ms`,
      share(products, step),
      share(others, step),
      share(Math.max(0, step - products - others), step),
      rate.toFixed(0),
      most.toFixed(0),
    ]),
    notes: [
      `By ONNX Runtime's own profile, medians of ${STEPS - 1} steps. The large product is ${SQUARE} x ${SQUARE} x ${SQUARE}, the quickest of ${STEPS}: what this processor does in float32 at most.`,
    ],
  };
}
