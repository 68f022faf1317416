import { execFile } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DataSet, Row } from '../data/row.ts';
import { TicketwiseError } from '../errors.ts';
import type { Labels } from '../labels.ts';
import { describeFiles, isServing, type ModelFolder, readModelFolder, writeManifest } from '../models/folder.ts';
import { openInference } from '../models/inference.ts';
import type { Manifest } from '../models/manifest.ts';
import { assertReplaceable } from '../models/ship.ts';
import { openTokenizer } from '../models/tokenizer.ts';
import type { Blend } from './blend.ts';
import { fitTemperature } from './evaluation/calibrate.ts';
import { type FineTuneOptions, fineTune, type TrainingProgress } from './fine-tune.ts';
import { readCheckpoint } from './network/checkpoint.ts';
import { exportModel } from './network/export.ts';
import { toCheckpoint } from './network/parameters.ts';
import type { Base } from './sources.ts';
import { CPU, type Device } from './training/devices.ts';
import { confidenceOfLabels } from './training/doubt.ts';
import { allowedIntents, priorityIndex, toExamples } from './training/examples.ts';
import type { Recipe } from './training/recipe.ts';

export type BuildOptions = {
  base: Base;
  labels: Labels;
  blend: Blend;
  /** what the blend was made of, for the manifest */
  data: readonly DataSet[];
  recipe: Recipe;
  /** folder to write; what stands there is replaced when the new model is whole */
  out: string;
  /** write only what bots serve, the int8 graph: enough to answer, and to train further. Default false */
  servedOnly?: boolean;
  threads?: number;
  /** what to train on, as `chooseDevice` found it. Default: cpu */
  device?: Device;
  signal: AbortSignal;
  onProgress: (progress: TrainingProgress) => void;
};

/**
 * Trains a model and writes its folder: fine-tune, export, calibrate on the held-out rows. The folder is made aside and
 * renamed, so that a failure leaves nothing half-written.
 * @throws what reading the base, training and writing throw
 */
export async function buildModel({
  base,
  labels,
  blend,
  data,
  recipe,
  out,
  servedOnly = false,
  threads = availableParallelism(),
  device = CPU,
  signal,
  onProgress,
}: BuildOptions): Promise<ModelFolder> {
  await assertReplaceable(out);
  const checkpoint = await readCheckpoint(base.dir, recipe);
  const maxTokens = Math.min(recipe.maxTokens, checkpoint.config.max_position_embeddings);
  const tokenize = await openTokenizer(base.dir, maxTokens);
  const confidence =
    recipe.doubtfulBelow > 0
      ? confidenceOfLabels(blend.train.map((row) => (row.source === 'banking77' ? row : { ...row, intent: undefined })))
      : undefined;
  const trusted = blend.train.filter((_, i) => confidence === undefined || (confidence[i] ?? 1) >= recipe.doubtfulBelow);
  const examples = toExamples(trusted, labels, tokenize, recipe.sourceWeights);
  if (examples.length === 0)
    throw new TicketwiseError('bad_data', 'There is nothing to train on: no Banking77, no seed corpus, no corrections.');
  const heads = { intents: labels.intents.length, priorities: labels.priorities.length };
  const options: FineTuneOptions = { recipe, threads, createStep: device.createStep, signal, onProgress };
  const parameters = await fineTune(checkpoint, heads, examples, options);

  const aside = `${path.resolve(out)}.${process.pid}.tmp`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(path.dirname(aside), { recursive: true });
  try {
    const written = await exportModel(aside, checkpoint, heads, toCheckpoint(parameters));
    const files = servedOnly ? written.filter(isServing) : written;
    for (const file of written) if (!files.includes(file)) await rm(path.join(aside, file));
    const manifest: Manifest = {
      format: 1,
      createdAt: new Date().toISOString(),
      base: base.name,
      commit: await currentCommit(),
      machine: `${describeMachine()}, trained on ${device.name}`,
      seed: recipe.seed,
      recipe,
      data: data.map(({ name, rows, sha256 }) => ({ name, rows: rows.length, sha256 })),
      maxTokens,
      temperature: { intent: 1, priority: 1 },
      labels,
      metrics: {},
      files: await describeFiles(aside, files),
    };
    await writeManifest(aside, manifest);
    await writeManifest(aside, { ...manifest, temperature: await calibrate(aside, blend.heldOut, labels) });
    await rm(out, { recursive: true, force: true });
    await rename(aside, out);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
  return readModelFolder(out);
}

/** Fits the temperature of each head to the served file's logits on held-out rows. */
async function calibrate(dir: string, rows: readonly Row[], labels: Labels): Promise<Manifest['temperature']> {
  const inference = await openInference(dir, { threads: availableParallelism() });
  try {
    const outputs = await inference.run(rows.map((row) => row.text));
    const intents = rows.flatMap((row, i) => {
      const [allowed, logits] = [allowedIntents(row, labels), outputs[i]?.intents];
      return allowed === undefined || logits === undefined ? [] : [{ logits, allowed }];
    });
    const priorities = rows.flatMap((row, i) => {
      const [index, logits] = [priorityIndex(row, labels), outputs[i]?.priorities];
      return index === undefined || logits === undefined ? [] : [{ logits, allowed: [index] }];
    });
    return { intent: fitTemperature(intents), priority: fitTemperature(priorities) };
  } finally {
    await inference.dispose();
  }
}

/** The commit of the code that runs, with "+" where files were changed since; null outside a git checkout. */
export async function currentCommit(): Promise<string | null> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args, { cwd: import.meta.dirname })).stdout.trim();
  try {
    const [commit, changes] = [await git('rev-parse', '--short=12', 'HEAD'), await git('status', '--porcelain', '--untracked-files=no')];
    return changes === '' ? commit : `${commit}+`;
  } catch {
    return null;
  }
}

/** Processor, cores and Node, as results name the machine they come from. */
export function describeMachine(): string {
  return `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`;
}
