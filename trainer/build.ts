import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DataSet, Row } from '../data/row.ts';
import { TicketwiseError } from '../errors.ts';
import type { Labels } from '../labels.ts';
import { orDiskFull } from '../models/disk.ts';
import { describeFiles, isServing, type ModelFolder, readModelFolder, writeManifest } from '../models/folder.ts';
import { type Output, openInference } from '../models/inference.ts';
import type { Manifest } from '../models/manifest.ts';
import { assertReplaceable, replaceFolder } from '../models/replace.ts';
import { openTokenizer } from '../models/tokenizer.ts';
import type { Blend } from './blend.ts';
import type { Lessons } from './distillation/teachers.ts';
import { calibrate } from './evaluation/calibrate.ts';
import { fineTune } from './fine-tune.ts';
import { type Checkpoint, hashCheckpoint, readCheckpoint } from './network/checkpoint.ts';
import { exportModel } from './network/export.ts';
import { toCheckpoint } from './network/parameters.ts';
import type { NamedArray } from './network/safetensors.ts';
import type { Base } from './sources.ts';
import { CPU, type Device } from './training/devices.ts';
import { toExamples } from './training/examples.ts';
import { type KeepOptions, ratesBefore } from './training/keeper.ts';
import { differences, type Origin, originOf } from './training/origin.ts';
import type { TrainingProgress } from './training/progress.ts';
import type { Recipe } from './training/recipe.ts';
import { assertNoState, isKept, removeState, type SavedState, stateDir } from './training/state.ts';

export type BuildOptions = {
  base: Base;
  labels: Labels;
  blend: Blend;
  /** what the blend was made of, for the manifest */
  data: readonly DataSet[];
  recipe: Recipe;
  /** what the recipe's `distillation` follows. Default: the labels alone */
  lessons?: Pick<Lessons, 'teacher' | 'teachers'> | undefined;
  /** folder to write; what stands there is replaced when the new model is whole */
  out: string;
  /** write only what bots serve, the int8 graph: enough to answer, and to train further. Default false */
  servedOnly?: boolean;
  threads?: number;
  /** what to train on, as `chooseDevice` found it. Default: cpu */
  device?: Device;
  /** keeps the training in a folder beside `out` until the model is written, and goes on from what is kept. Default: it is not kept */
  keep?: Pick<KeepOptions, 'from' | 'command' | 'share' | 'onTrouble'>;
  signal: AbortSignal;
  onProgress: (progress: TrainingProgress) => void;
};

/**
 * Trains a model and writes its folder: fine-tune, export, calibrate on the held-out rows. The folder is made aside and
 * renamed, so that a failure leaves nothing half-written.
 * @throws `bad_usage` when what is kept cannot go on with this recipe, base and data; what reading the base, training and
 * writing throw
 */
export async function buildModel({
  base,
  labels,
  blend,
  data,
  recipe,
  lessons,
  out,
  servedOnly = false,
  threads = availableParallelism(),
  device = CPU,
  keep,
  signal,
  onProgress,
}: BuildOptions): Promise<ModelFolder> {
  await assertReplaceable(out);
  const dir = stateDir(out);
  if (keep !== undefined && keep.from === undefined) await assertNoState(dir, keep.command);
  const checkpoint = await readCheckpoint(base.dir, recipe, labels);
  const maxTokens = Math.min(recipe.maxTokens, checkpoint.config.max_position_embeddings);
  const tokenize = await openTokenizer(base.dir, maxTokens);
  const examples = toExamples(blend.train, labels, tokenize, recipe.sourceWeights, lessons?.teacher);
  if (examples.length === 0)
    throw new TicketwiseError('bad_data', 'There is nothing to train on: no Banking77, no seed corpus, no corrections.');
  const heads = { intents: labels.intents.length, priorities: labels.priorities.length };
  const origin = keep && originOf(recipe, base, await hashCheckpoint(base.dir), labels, data, examples, lessons?.teachers);
  if (origin && keep?.from !== undefined) assertSame(keep.from, origin, dir);
  const parameters = await fineTune(checkpoint, heads, examples, {
    recipe,
    threads,
    createStep: device.createStep,
    ...(origin && { keep: { ...keep, dir, origin } }),
    signal,
    onProgress,
  });

  const earlierRates = origin && keep?.from ? ratesBefore(keep.from, origin) : [];
  const made = {
    base: base.name,
    machine: `${describeMachine()}, trained on ${device.name}`,
    seed: recipe.seed,
    recipe: { ...recipe, ...(earlierRates.length > 0 && { earlierRates }), ...(lessons && { teachers: lessons.teachers }) },
    data: describeData(data),
    maxTokens,
    labels,
  };
  let folder: ModelFolder;
  try {
    folder = await writeModel(out, { checkpoint, weights: toCheckpoint(parameters), made, heldOut: blend.heldOut, servedOnly });
  } catch (error) {
    if (keep === undefined || !(error instanceof TicketwiseError) || !(await isKept(dir))) throw error;
    const goOn = `The training itself is done, and kept. Write its model with\n  ${keep.command}`;
    throw new TicketwiseError(error.code, `${error.message}\n${goOn}`, { cause: error });
  }
  if (keep !== undefined) await removeState(dir);
  return folder;
}

export type WriteOptions = {
  /** whose config and tokenizer the model has */
  checkpoint: Checkpoint;
  weights: ReadonlyMap<string, NamedArray>;
  /** what the manifest tells of how it was made */
  made: Pick<Manifest, 'base' | 'machine' | 'seed' | 'recipe' | 'data' | 'maxTokens' | 'labels'>;
  /** rows to calibrate on */
  heldOut: readonly Row[];
  servedOnly?: boolean;
};

/**
 * Writes a model folder: exported, and calibrated on the held-out rows. It is made aside and renamed.
 * @throws `disk_full`; `bad_usage` when something that is no model stands there
 */
export async function writeModel(
  out: string,
  { checkpoint, weights, made, heldOut, servedOnly = false }: WriteOptions,
): Promise<ModelFolder> {
  await assertReplaceable(out);
  const { labels } = made;
  const aside = `${path.resolve(out)}.${process.pid}.tmp`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(path.dirname(aside), { recursive: true });
  try {
    const written = await exportModel(aside, checkpoint, { intents: labels.intents.length, priorities: labels.priorities.length }, weights);
    const files = servedOnly ? written.filter(isServing) : written;
    for (const file of written) if (!files.includes(file)) await rm(path.join(aside, file));
    const manifest: Manifest = {
      format: 1,
      createdAt: new Date().toISOString(),
      commit: await currentCommit(),
      ...made,
      temperature: { intent: 1, priority: 1 },
      metrics: {},
      files: await describeFiles(aside, files),
    };
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    await orDiskFull('the model', path.dirname(aside), bytes, async () => {
      await writeManifest(aside, manifest);
      await writeManifest(aside, { ...manifest, ...calibrate(heldOut, await outputsOf(aside, heldOut), labels) });
    });
    await replaceFolder(aside, out);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
  return readModelFolder(out);
}

/** Makes sure that a training which goes on comes to what it would have come to. */
function assertSame(from: SavedState, origin: Origin, dir: string): void {
  const found = differences(from.origin, origin);
  if (found.length === 0) return;
  throw new TicketwiseError(
    'bad_usage',
    `The training kept in ${path.relative('.', dir)} cannot go on with something else:\n- ${found.join('\n- ')}\nGive what it began with, or delete that folder and train anew.`,
  );
}

/** What the served file answers for rows, before any calibration. */
async function outputsOf(dir: string, rows: readonly Row[]): Promise<Output[]> {
  const inference = await openInference(dir, { threads: availableParallelism() });
  try {
    return await inference.run(rows.map((row) => row.text));
  } finally {
    await inference.dispose();
  }
}

/** The commit of the code that runs, with "+" where files were changed since, results aside; null outside a git checkout. */
export async function currentCommit(): Promise<string | null> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args, { cwd: import.meta.dirname })).stdout.trim();
  try {
    const [commit, changes] = [
      await git('rev-parse', '--short=12', 'HEAD'),
      await git('status', '--porcelain', '--untracked-files=no', '--', ':/', ':!/results'),
    ];
    return changes === '' ? commit : `${commit}+`;
  } catch {
    return null;
  }
}

/** What of data sets a manifest names. */
export function describeData(data: readonly DataSet[]): Manifest['data'] {
  return data.map(({ name, rows, sha256 }) => ({ name, rows: rows.length, sha256 }));
}

/** Processor, cores and Node, as results name the machine they come from. */
export function describeMachine(): string {
  return `${cpus()[0]?.model ?? 'unknown processor'}${generation()}, ${availableParallelism()} cores, Node ${process.version}`;
}

/** Family and model of an x86 processor, since clouds give those of all years one name; empty where the system does not tell. */
function generation(): string {
  try {
    const info = readFileSync('/proc/cpuinfo', 'utf8');
    const [family, model] = [/^cpu family\s*:\s*(\d+)$/m, /^model\s*:\s*(\d+)$/m].map((line) => line.exec(info)?.[1]);
    return family === undefined || model === undefined ? '' : ` (family ${family}, model ${model})`;
  } catch {
    return '';
  }
}
