import type { DataSet, Row } from '../data/row.ts';
import { TicketwiseError } from '../errors.ts';
import { type Labels, sameClasses } from '../labels.ts';
import { type ModelFolder, readModelFolder } from '../models/folder.ts';
import type { Manifest } from '../models/manifest.ts';
import { describeData, describeMachine, writeModel } from './build.ts';
import { shapeOf } from './network/bert-config.ts';
import { type Checkpoint, readCheckpoint } from './network/checkpoint.ts';
import type { NamedArray } from './network/safetensors.ts';

export type AverageOptions = {
  labels: Labels;
  /** rows that none of the models learnt, to calibrate on */
  heldOut: readonly Row[];
  /** what those are of, for the manifest */
  data: readonly DataSet[];
  /** folder to write; a model that stands there is replaced when the new one is whole */
  out: string;
};

/**
 * Averages the weights of models that were fine-tuned from one base ("Model soups", Wortsman et al., 2022): one model, as
 * quick as each, that errs less on messages unlike those learnt. A model that is itself an average counts as often as those
 * that it was made of, so that all of them weigh the same. The last one gives what is no weight: config and tokenizer.
 * @param dirs folders of two models or more
 * @throws `bad_usage` when they are fewer, or do not fit together; `bad_model` when one is damaged
 */
export async function averageModels(dirs: readonly string[], { labels, heldOut, data, out }: AverageOptions): Promise<ModelFolder> {
  const folders = await Promise.all(dirs.map((dir) => readModelFolder(dir)));
  const last = folders.at(-1);
  if (last === undefined || folders.length < 2)
    throw new TicketwiseError('bad_usage', 'An average takes two models or more: give their folders.');
  for (const folder of folders) {
    const reason = mismatch(folder.manifest, last.manifest, labels);
    if (reason !== undefined) throw new TicketwiseError('bad_usage', `${folder.dir} and ${last.dir} cannot be averaged: ${reason}.`);
  }
  const averageOf = folders.flatMap(partsOf);
  if (new Set(averageOf).size < averageOf.length)
    throw new TicketwiseError('bad_usage', `The same model is named twice (${averageOf.join(', ')}): an average takes different ones.`);
  const shape = shapeOf(last.manifest.recipe, last.dir);
  const checkpoints: Checkpoint[] = [];
  for (const { dir } of folders) checkpoints.push(await readCheckpoint(dir, shape, labels));
  const checkpoint = checkpoints.at(-1) as Checkpoint;
  const shares = folders.map((folder) => partsOf(folder).length / averageOf.length);
  const used = [...folders.flatMap(({ manifest }) => manifest.data), ...describeData(data)];
  const made = {
    ...pick(last.manifest, ['base', 'seed', 'maxTokens']),
    machine: `${describeMachine()}, averaged`,
    recipe: { ...last.manifest.recipe, averageOf },
    data: used.filter(({ name, sha256 }, i) => used.findIndex((other) => other.name === name && other.sha256 === sha256) === i),
    labels,
  };
  return writeModel(out, { checkpoint, weights: meanOf(checkpoints, shares), made, heldOut });
}

/** Why a model cannot be averaged with another for these labels; undefined where it can. */
function mismatch(one: Manifest, other: Manifest, labels: Labels): string | undefined {
  if (!sameClasses(one.labels.intents, labels.intents) || !sameClasses(one.labels.priorities, labels.priorities))
    return 'the first was trained for another taxonomy';
  if (one.base !== other.base) return `they come from different bases, ${one.base} and ${other.base}`;
  for (const key of ['pooling', 'head'])
    if (one.recipe[key] !== other.recipe[key]) return `their recipes differ in ${key}, ${one.recipe[key]} and ${other.recipe[key]}`;
  if (one.maxTokens !== other.maxTokens) return `they read ${one.maxTokens} and ${other.maxTokens} tokens`;
  return undefined;
}

/** The models whose weights are in one: those it is an average of, or itself. */
function partsOf({ manifest, version }: ModelFolder): string[] {
  const { averageOf } = manifest.recipe;
  return Array.isArray(averageOf) ? averageOf.map(String) : [version];
}

/** The weighted mean of arrays of the same names; the shares sum to one. */
function meanOf(models: readonly Pick<Checkpoint, 'weights'>[], shares: readonly number[]): Map<string, NamedArray> {
  return new Map(
    [...(models[0]?.weights ?? [])].map(([name, { shape, values }]) => {
      const sum = new Float64Array(values.length);
      models.forEach(({ weights }, model) => {
        const array = weights.get(name);
        if (array?.values.length !== sum.length) throw new TicketwiseError('bad_usage', `The models have ${name} in different shapes.`);
        array.values.forEach((value, i) => {
          sum[i] = (sum[i] ?? 0) + (shares[model] ?? 0) * value;
        });
      });
      return [name, { shape, values: Float32Array.from(sum) }];
    }),
  );
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => key in from).map((key) => [key, from[key]])) as Pick<T, K>;
}
