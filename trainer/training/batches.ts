import { cutBatches } from '../../models/batching.ts';
import type { HeadSizes } from '../network/bert-config.ts';
import type { Example } from './examples.ts';
import { shuffle } from './random.ts';
import type { Recipe } from './recipe.ts';
import type { Batch } from './step.ts';

/** Batches whose lengths are compared when like is put to like: wide enough to pad little, narrow enough to mix. */
const POOL = 50;

/**
 * Divides examples into batches of similar length, in random order: shuffle, sort by length within pools of 50 batches,
 * cut, shuffle the batches.
 * @returns indices of the examples of each batch
 */
export function planEpoch(examples: readonly Example[], { batchSize, batchTokens }: Recipe, random: () => number): number[][] {
  const order = shuffle(
    examples.map((_, i) => i),
    random,
  );
  const length = (i: number) => examples[i]?.ids.length ?? 0;
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += POOL * batchSize) {
    const pool = order.slice(start, start + POOL * batchSize).sort((a, b) => length(a) - length(b));
    batches.push(...cutBatches(pool, length, { rows: batchSize, tokens: batchTokens }));
  }
  return shuffle(batches, random);
}

/**
 * Lays out examples as one batch, padded to its longest. A row's weight is its share of the batch's weight, so that the
 * loss of a batch is a weighted mean.
 */
export function packBatch(
  examples: readonly Example[],
  heads: HeadSizes,
  { priorityWeight, categoryWeight, distillation }: Pick<Recipe, 'priorityWeight' | 'categoryWeight' | 'distillation'>,
): Batch {
  const size = { batch: examples.length, sequence: Math.max(...examples.map((e) => e.ids.length)) };
  const total = examples.reduce((sum, e) => sum + e.weight, 0);
  const batch: Batch = {
    size,
    ids: new Int32Array(size.batch * size.sequence),
    mask: new Float32Array(size.batch * size.sequence),
    intents: new Float32Array(size.batch * heads.intents),
    intentWeights: new Float32Array(size.batch),
    categories: new Float32Array(size.batch * heads.intents),
    categoryWeights: new Float32Array(size.batch),
    teacher: new Float32Array(size.batch * heads.intents),
    teacherWeights: new Float32Array(size.batch),
    priorities: new Float32Array(size.batch * heads.priorities),
    priorityWeights: new Float32Array(size.batch),
  };
  examples.forEach(({ ids, intents, category, priority, teacher, weight }, row) => {
    const taught = teacher === undefined ? 0 : intents === undefined ? 1 : (distillation?.share ?? 0);
    batch.ids.set(ids, row * size.sequence);
    batch.mask.fill(1, row * size.sequence, row * size.sequence + ids.length);
    for (const intent of intents ?? [0]) batch.intents[row * heads.intents + intent] = 1;
    for (const intent of category ?? [0]) batch.categories[row * heads.intents + intent] = 1;
    batch.categoryWeights[row] = category === undefined ? 0 : (categoryWeight * weight) / total;
    batch.intentWeights[row] = intents === undefined ? 0 : ((1 - taught) * weight) / total;
    batch.teacher.set(teacher ?? [], row * heads.intents);
    batch.teacherWeights[row] = (taught * weight) / total;
    batch.priorities[row * heads.priorities + (priority ?? 0)] = 1;
    batch.priorityWeights[row] = priority === undefined ? 0 : (priorityWeight * weight) / total;
  });
  return batch;
}
