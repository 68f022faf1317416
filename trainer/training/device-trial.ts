import type { BertConfig } from '../network/bert-config.ts';
import { allocateParameters, drawParameters } from '../network/parameters.ts';
import type { NodeRun } from './profile.ts';
import { seededRandom } from './random.ts';
import type { Batch, CreateStep } from './step.ts';

/** A model and a batch, small enough to be tried before every training. */
export type Probe = { width: number; layers: number; rows: number; sequence: number };

/** Tells in a moment whether a device computes at all, and computes the same. */
export const TINY: Probe = { width: 32, layers: 2, rows: 4, sequence: 6 };
/** Layers of MiniLM's width: what a device needs for one says what it needs for twelve. */
export const TYPICAL: Probe = { width: 384, layers: 1, rows: 32, sequence: 16 };

/** What a device made of a probe: the losses of its steps, and the time of the quickest, in ms. */
export type Trial = { losses: number[]; milliseconds: number };

const STEPS = 3;
/** The heads of a probe. */
export const PROBE_HEADS = { intents: 10, priorities: 3 };
const VOCABULARY = 200;

/**
 * Trains a probe for three steps. The losses after the first depend on every gradient.
 * @param limit time of a step in ms from which the trial ends early; the first step, which may compile, is spared
 */
export async function tryStep(createStep: CreateStep, probe: Probe, threads: number, limit = Number.POSITIVE_INFINITY): Promise<Trial> {
  const random = seededRandom(7);
  const config = probeConfig(probe);
  const parameters = allocateParameters(config, PROBE_HEADS, probe.rows * probe.sequence);
  drawParameters(parameters, random);
  const options = { dropout: 0, labelSmoothing: 0, weightDecay: 0, clip: 1, threads, random, rateOf: () => 1 };
  const step = await createStep(config, PROBE_HEADS, parameters, options);
  try {
    const batch = probeBatch(probe, random);
    const trial: Trial = { losses: [], milliseconds: Number.POSITIVE_INFINITY };
    for (let i = 0; i < STEPS && (i < 2 || trial.milliseconds < limit); i++) {
      const started = performance.now();
      const { loss } = await step.run(batch, 1e-3);
      trial.milliseconds = Math.min(trial.milliseconds, performance.now() - started);
      trial.losses.push(loss);
    }
    return trial;
  } finally {
    await step.dispose();
  }
}

/** Whether two trials lost the same, within a share of the loss that rounding explains (TF32 keeps three digits). */
export function agrees(a: Trial, b: Trial): boolean {
  return a.losses.every((loss, i) => Math.abs(loss - (b.losses[i] ?? Number.NaN)) <= 5e-3 * Math.abs(loss));
}

/** Nodes that a provider of ONNX Runtime ran, of how many, and the operators of those that it left to the processor. */
export type Placement = { there: number; all: number; elsewhere: string[] };

/**
 * Where nodes ran. Copies between devices, and the few that compute shapes from sizes (which ONNX Runtime keeps on the
 * processor on purpose), do not count.
 */
export function placementOf(nodes: readonly NodeRun[], provider: 'webgpu' | 'cuda'): Placement {
  const wanted = { webgpu: 'WebGpuExecutionProvider', cuda: 'CUDAExecutionProvider' }[provider];
  const counted = nodes.filter(({ op, name }) => !op.startsWith('Memcpy') && !/^(sizes:|integers_)/.test(name));
  const left = counted.filter((node) => node.provider !== wanted);
  return { there: counted.length - left.length, all: counted.length, elsewhere: [...new Set(left.map(({ op }) => op))].sort() };
}

/** A BERT of a probe's size. */
export function probeConfig({ width, layers, sequence }: Probe): BertConfig {
  return {
    model_type: 'bert',
    vocab_size: VOCABULARY,
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: width / 16,
    intermediate_size: 4 * width,
    max_position_embeddings: 2 * sequence,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
    hidden_act: 'gelu',
    position_embedding_type: 'absolute',
    pooling: 'attention',
    head: 'cosine',
  };
}

/** Random tokens and labels; the last row is half padding. */
export function probeBatch({ rows, sequence }: Probe, random: () => number): Batch {
  const oneHot = (classes: number) => {
    const values = new Float32Array(rows * classes);
    for (let row = 0; row < rows; row++) values[row * classes + Math.floor(random() * classes)] = 1;
    return values;
  };
  const mask = new Float32Array(rows * sequence).fill(1);
  mask.fill(0, rows * sequence - Math.floor(sequence / 2));
  return {
    size: { batch: rows, sequence },
    ids: Int32Array.from(mask, () => Math.floor(random() * VOCABULARY)),
    mask,
    intents: oneHot(PROBE_HEADS.intents),
    intentWeights: new Float32Array(rows).fill(1 / rows),
    categories: oneHot(PROBE_HEADS.intents),
    categoryWeights: new Float32Array(rows).fill(1 / rows),
    teacher: new Float32Array(rows * PROBE_HEADS.intents).fill(1 / PROBE_HEADS.intents),
    teacherWeights: new Float32Array(rows).fill(1 / rows),
    priorities: oneHot(PROBE_HEADS.priorities),
    priorityWeights: new Float32Array(rows).fill(0.3 / rows),
  };
}
