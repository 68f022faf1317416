import { setImmediate } from 'node:timers/promises';
import { TicketwiseError } from '../errors.ts';
import type { BertConfig, HeadSizes } from './network/bert-config.ts';
import { allocateParameters, loadParameters, type Parameters } from './network/parameters.ts';
import type { NamedArray } from './network/safetensors.ts';
import { packBatch, planEpoch } from './training/batches.ts';
import type { Example } from './training/examples.ts';
import { seededRandom } from './training/random.ts';
import { type Recipe, rateAt } from './training/recipe.ts';
import { type CreateStep, createTrainingStep } from './training/step.ts';

/** Where training stands after a step. */
export type TrainingProgress = {
  step: number;
  steps: number;
  epoch: number;
  loss: number;
  learningRate: number;
  gradientNorm: number;
  /** tokens without padding */
  tokensPerSecond: number;
  secondsLeft: number;
};

export type FineTuneOptions = {
  recipe: Recipe;
  threads: number;
  /** the training step of a device. Default: ONNX Runtime on cpu */
  createStep?: CreateStep;
  signal: AbortSignal;
  onProgress: (progress: TrainingProgress) => void;
};

/**
 * Fine-tunes the whole network, every layer and the word embeddings.
 * @throws `interrupted` when the signal stops it (between two steps), `job_failed` when the loss is no number
 */
export async function fineTune(
  base: { config: BertConfig; weights: ReadonlyMap<string, NamedArray>; dir: string },
  heads: HeadSizes,
  examples: readonly Example[],
  { recipe, threads, createStep = createTrainingStep, signal, onProgress }: FineTuneOptions,
): Promise<Parameters> {
  const { config } = base;
  const random = seededRandom(recipe.seed);
  const parameters = allocateParameters(config, heads, Math.max(recipe.batchTokens, recipe.maxTokens));
  loadParameters(parameters, base.weights, random, base.dir);
  const { weightDecay, clip, dropout, labelSmoothing, consistency, embeddingNoise } = recipe;
  const passes = consistency > 0 ? 2 : 1;
  const average = averageOf(parameters, recipe.averageDecay);
  const step = await createStep(config, heads, parameters, {
    weightDecay,
    clip,
    dropout,
    labelSmoothing,
    consistency,
    embeddingNoise,
    threads,
    random,
    rateOf: rateOf(config, recipe),
  });
  try {
    const plan = Array.from({ length: recipe.epochs }, () =>
      planEpoch(examples, { ...recipe, batchTokens: recipe.batchTokens / passes }, random),
    );
    const steps = plan.reduce((sum, epoch) => sum + epoch.length, 0);
    const totalTokens = recipe.epochs * examples.reduce((sum, e) => sum + e.ids.length, 0);
    const started = performance.now();
    let done = 0;
    let tokens = 0;
    for (const [epoch, batches] of plan.entries()) {
      for (const indices of batches) {
        const rows = indices.map((i) => examples[i] as Example);
        const learningRate = recipe.learningRate * rateAt(done, steps, recipe.warmUp);
        const { loss, gradientNorm } = await step.run(packBatch(rows, heads, recipe), learningRate);
        done += 1;
        average.add(done);
        if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
          throw new TicketwiseError(
            'job_failed',
            `The loss is ${loss} at step ${done} of ${steps} (gradient norm ${gradientNorm}). Lower learningRate (now ${recipe.learningRate}) or raise warmUp; no model was written.`,
          );
        tokens += rows.reduce((sum, e) => sum + e.ids.length, 0);
        const seconds = (performance.now() - started) / 1000;
        onProgress({
          step: done,
          steps,
          epoch: epoch + 1,
          loss,
          learningRate,
          gradientNorm,
          tokensPerSecond: tokens / seconds,
          secondsLeft: (seconds / tokens) * (totalTokens - tokens),
        });
        await setImmediate(); // ONNX Runtime holds the thread for a whole step: let signals and messages in
        if (signal.aborted)
          throw new TicketwiseError('interrupted', `Training was stopped after step ${done} of ${steps}; no model was written.`, {
            cause: signal.reason,
          });
      }
    }
    average.take();
    return parameters;
  } finally {
    await step.dispose();
  }
}

/** Learning rates by depth: the heads' own, the full rate for the last layer, each layer below it `layerDecay` times that. */
function rateOf(config: BertConfig, { headRate, layerDecay }: Recipe): (name: string) => number {
  return (name) => {
    if (name.includes('_head.')) return headRate;
    if (name.startsWith('pooler.')) return 1;
    const layer = /^encoder\.layer\.(\d+)\./.exec(name)?.[1];
    const depth = layer === undefined ? config.num_hidden_layers : config.num_hidden_layers - 1 - Number(layer);
    return layerDecay ** depth;
  };
}

const AVERAGE_EVERY = 8;
function averageOf({ dense, words }: Parameters, decay: number): { add(step: number): void; take(): void } {
  if (decay === 0) return { add: () => {}, take: () => {} };
  const all = [...dense, words];
  const means = all.map(({ values }) => values.slice());
  return {
    add(step) {
      if (step % AVERAGE_EVERY !== 0) return;
      const d = Math.min(decay, (1 + step) / (10 + step)) ** AVERAGE_EVERY;
      all.forEach(({ values }, k) => {
        const mean = means[k] as Float32Array;
        for (let i = 0; i < mean.length; i++) mean[i] = d * (mean[i] as number) + (1 - d) * (values[i] as number);
      });
    },
    take() {
      all.forEach(({ values }, k) => values.set(means[k] as Float32Array));
    },
  };
}
