import { readFile } from 'node:fs/promises';
import wabt from 'wabt';
import type { Parameter, Parameters } from '../network/parameters.ts';

/** What an update depends on. */
export type AdamWOptions = {
  weightDecay: number;
  /** largest norm of the gradient; a larger one is scaled down to it */
  clip: number;
  /** share of the learning rate for a parameter, by its name */
  rateOf: (name: string) => number;
  /** updates that parameters and moments went through before, when a training goes on. Default 0 */
  updatesBefore?: number;
};

export type AdamW = {
  /**
   * Updates every dense parameter, and those word embeddings whose tokens are in the batch; none of them where the norm is
   * no finite number, so that parameters and moments stay those of the last good step.
   * @param ids token of each row of the words' gradient, `[batch * sequence]`
   * @param real whether a row is a token and not padding
   * @param squaredNorm of the dense gradients
   * @returns norm of the whole gradient before clipping
   */
  update(ids: Int32Array, real: Float32Array, squaredNorm: number, learningRate: number): number;
  /** updates so far, those before included */
  readonly steps: number;
};

type Kernels = {
  adamw(
    p: number,
    m: number,
    v: number,
    g: number,
    n: number,
    s: number,
    keep1: number,
    keep2: number,
    rate: number,
    epsilon: number,
    decay: number,
  ): void;
  accumulate(to: number, from: number, n: number): void;
};

export const BETA1 = 0.9;
export const BETA2 = 0.999;
export const EPSILON = 1e-8;

/**
 * AdamW (Loshchilov and Hutter, 2019) with clipping by the global norm, beside the graph: one fused pass in WebAssembly
 * SIMD over each parameter. Word embeddings are updated lazily, a row when its token occurs, as SparseAdam does.
 * Decay spares biases and normalisation.
 */
export async function createAdamW(parameters: Parameters, { weightDecay, clip, rateOf, updatesBefore = 0 }: AdamWOptions): Promise<AdamW> {
  const kernels = await compileKernels(parameters.memory);
  const { dense, words } = parameters;
  const width = words.shape[1] ?? 0;
  const rowBytes = width * Float32Array.BYTES_PER_ELEMENT;
  let steps = updatesBefore;
  return {
    get steps() {
      return steps;
    },
    update(ids, real, squaredNorm, learningRate) {
      const rows = sumRowsByToken(ids, real, words, rowBytes, kernels);
      let squared = squaredNorm;
      for (const row of rows.values()) for (let i = row * width; i < (row + 1) * width; i++) squared += (words.gradient[i] ?? 0) ** 2;
      const norm = Math.sqrt(squared);
      if (!Number.isFinite(norm)) return norm;
      steps += 1;
      const scale = clipScale(norm, clip);
      const correction1 = 1 - BETA1 ** steps;
      const correction2 = Math.sqrt(1 - BETA2 ** steps);
      const apply = ({ name, at }: Parameter, values: number, gradient: number, count: number, rate: number) => {
        const moved = at.values + values;
        const decay = decays(name) ? 1 - rate * weightDecay : 1;
        const stepSize = (rate / correction1) * correction2;
        kernels.adamw(
          moved,
          at.first + values,
          at.second + values,
          at.gradient + gradient,
          count,
          scale,
          1 - BETA1,
          1 - BETA2,
          stepSize,
          EPSILON * correction2,
          decay,
        );
      };
      for (const parameter of dense) apply(parameter, 0, 0, padded(parameter.values.length), learningRate * rateOf(parameter.name));
      const wordRate = learningRate * rateOf(words.name);
      for (const [token, row] of rows) apply(words, token * rowBytes, row * rowBytes, width, wordRate);
      return norm;
    },
  };
}

/** Adds up the rows of each token where its first row stands. Returns that row by token. */
function sumRowsByToken(ids: Int32Array, real: Float32Array, words: Parameter, rowBytes: number, kernels: Kernels): Map<number, number> {
  const rows = new Map<number, number>();
  for (let row = 0; row < ids.length; row++) {
    if (real[row] === 0) continue;
    const token = ids[row] ?? 0;
    const first = rows.get(token);
    if (first === undefined) rows.set(token, row);
    else kernels.accumulate(words.at.gradient + first * rowBytes, words.at.gradient + row * rowBytes, rowBytes / 4);
  }
  return rows;
}

/** What gradients are multiplied by, so that their norm is at most `clip`. */
export function clipScale(norm: number, clip: number): number {
  return Math.min(1, clip / (norm + 1e-6));
}

/** Whether weight decay takes from a parameter. */
export function decays(name: string): boolean {
  return name.endsWith('.weight') && !name.includes('LayerNorm');
}

/** Parameters are padded to whole cache lines with zeros, which stay zero: the pass may run over them. */
function padded(count: number): number {
  return Math.ceil(count / 4) * 4;
}

async function compileKernels(memory: WebAssembly.Memory): Promise<Kernels> {
  const file = new URL('./adamw.wat', import.meta.url);
  const { parseWat } = await wabt();
  const module = parseWat('adamw.wat', await readFile(file, 'utf8'), { simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  const { instance } = await WebAssembly.instantiate(buffer as Uint8Array<ArrayBuffer>, { arena: { memory } });
  return instance.exports as unknown as Kernels;
}
