import { setImmediate } from 'node:timers/promises';
import { TicketwiseError } from '../errors.ts';
import type { BertConfig, HeadSizes } from './network/bert-config.ts';
import { allocateParameters, loadParameters, type Parameters, trainedArrays } from './network/parameters.ts';
import type { NamedArray } from './network/safetensors.ts';
import { packBatch, planEpoch } from './training/batches.ts';
import type { Example } from './training/examples.ts';
import { type KeepOptions, openKeeper } from './training/keeper.ts';
import type { TrainingProgress } from './training/progress.ts';
import { seededRandom } from './training/random.ts';
import { type Recipe, rateAt } from './training/recipe.ts';
import { loadArrays } from './training/state.ts';
import { type CreateStep, createTrainingStep } from './training/step.ts';

export type FineTuneOptions = {
  recipe: Recipe;
  threads: number;
  /** the training step of a device. Default: ONNX Runtime on cpu */
  createStep?: CreateStep;
  /** keeps the state, and goes on from one. Default: a training that is stopped is lost */
  keep?: KeepOptions;
  signal: AbortSignal;
  /** told of each step, those of earlier sittings first */
  onProgress: (progress: TrainingProgress) => void;
};

/**
 * Fine-tunes the whole network, every layer and the word embeddings.
 * @throws `interrupted` when the signal stops it (between two steps), `job_failed` when the loss is no number, `bad_data` on a
 * damaged state
 */
export async function fineTune(
  base: { config: BertConfig; weights: ReadonlyMap<string, NamedArray>; dir: string },
  heads: HeadSizes,
  examples: readonly Example[],
  { recipe, threads, createStep = createTrainingStep, keep, signal, onProgress }: FineTuneOptions,
): Promise<Parameters> {
  const { config } = base;
  const random = seededRandom(recipe.seed);
  const parameters = allocateParameters(config, heads, Math.max(recipe.batchTokens, recipe.maxTokens));
  loadParameters(parameters, base.weights, random, base.dir);
  const arrays = trainedArrays(parameters); // whatever else a training changes and must remember joins them
  const history = [...(keep?.from?.history ?? [])];
  if (keep?.from !== undefined) await loadArrays(keep.dir, keep.from, arrays);
  const { weightDecay, clip, dropout, labelSmoothing } = recipe;
  const step = await createStep(config, heads, parameters, {
    weightDecay,
    clip,
    dropout,
    labelSmoothing,
    threads,
    random,
    rateOf: rateOf(config, recipe),
    updatesBefore: history.length,
  });
  try {
    const plan = planTraining(examples, recipe, random);
    random.state = keep?.from?.random ?? random.state; // what was drawn until here is the same in every sitting
    const keeper = keep && openKeeper(keep);
    const moment = async () => {
      await step.settle();
      return { arrays, random: random.state, history };
    };
    for (const told of history) onProgress(told);
    const steps = plan.length;
    const totalTokens = tokensOf(plan);
    const started = performance.now() - 1000 * (history.at(-1)?.seconds ?? 0);
    let tokens = tokensOf(plan.slice(0, history.length));
    for (const batch of plan.slice(history.length)) {
      const learningRate = recipe.learningRate * rateAt(history.length, steps, recipe.warmUp);
      const { loss, gradientNorm } = await step.run(packBatch(batch.examples, heads, recipe), learningRate);
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        const what = `The loss is ${loss} at step ${history.length + 1} of ${steps} (gradient norm ${gradientNorm}).`;
        const advice = `Lower learningRate (now ${recipe.learningRate}) or raise warmUp; no model was written.`;
        throw new TicketwiseError('job_failed', `${what} ${keeper?.wayBack(recipe.learningRate) ?? advice}`);
      }
      tokens += tokensOf([batch]);
      const seconds = (performance.now() - started) / 1000;
      const progress = {
        step: history.length + 1,
        steps,
        epoch: batch.epoch,
        loss,
        learningRate,
        gradientNorm,
        seconds,
        tokensPerSecond: tokens / seconds,
        secondsLeft: (seconds / tokens) * (totalTokens - tokens),
      };
      history.push(progress);
      onProgress(progress);
      await setImmediate(); // ONNX Runtime holds the thread for a whole step: let signals and messages in
      if (signal.aborted) throw await (keeper?.stop(await moment(), steps, signal.reason) ?? lost(progress, signal.reason));
      await keeper?.pass(moment);
    }
    const last = await moment();
    await keeper?.finish(last);
    return parameters;
  } finally {
    await step.dispose();
  }
}

/** The batches of every epoch, in order. */
function planTraining(examples: readonly Example[], recipe: Recipe, random: () => number): { epoch: number; examples: Example[] }[] {
  return Array.from({ length: recipe.epochs }, (_, i) =>
    planEpoch(examples, recipe, random).map((batch) => ({ epoch: i + 1, examples: batch.map((index) => examples[index] as Example) })),
  ).flat();
}

function tokensOf(batches: readonly { examples: Example[] }[]): number {
  return batches.reduce((sum, batch) => sum + batch.examples.reduce((inBatch, { ids }) => inBatch + ids.length, 0), 0);
}

function lost({ step, steps }: TrainingProgress, cause: unknown): TicketwiseError {
  return new TicketwiseError('interrupted', `Training was stopped after step ${step} of ${steps}; no model was written.`, { cause });
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
