import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ModelFolder } from '../../models/folder.ts';
import type { Manifest } from '../../models/manifest.ts';
import { currentCommit, describeMachine } from '../build.ts';
import type { Evaluation } from '../evaluation/evaluate.ts';
import type { Serving } from './serving.ts';
import { writeWhole } from './write-whole.ts';

/** Where what was measured is kept. */
export const RESULTS = path.join(import.meta.dirname, '..', '..', 'results');

const trainingSchema = z.strictObject({
  device: z.string(),
  seconds: z.number(),
  steps: z.number(),
  tokensPerSecond: z.number(),
  finalLoss: z.number(),
  peakMemoryBytes: z.number(),
  history: z.strictObject({ step: z.array(z.number()), loss: z.array(z.number()), learningRate: z.array(z.number()) }),
});

/** Folders of records: of what test parts say, and of what models are chosen by. */
export type Kept = 'metrics' | 'held-out';

/** How a training went. */
export type Training = z.infer<typeof trainingSchema>;

/** One measurement, with all that is needed to repeat it. */
export type RunRecord = {
  run: string;
  command: string;
  measuredAt: string;
  /** commit of the code that measured; the model's own stands in `model` */
  commit: string | null;
  machine: string;
  model: { version: string; base: string; commit: string | null; seed: number; recipe: Manifest['recipe']; data: Manifest['data'] };
  training?: Training;
  evaluations: Evaluation[];
  /** share of Banking77's test rows that int8 and float32 give the same intent */
  int8Agreement?: number;
  serving?: Serving;
  /** what the linear baseline scored on the same rows */
  baseline?: Record<string, unknown>[];
};

/** Describes a measurement of a model. The run's name is its day and the model's version. */
export async function describeRun(
  folder: ModelFolder,
  command: string,
  evaluations: Evaluation[],
  training?: Training,
): Promise<RunRecord> {
  const { manifest, version } = folder;
  const now = new Date().toISOString();
  return {
    run: `${now.slice(0, 10)}-${version}`,
    command,
    measuredAt: now,
    commit: await currentCommit(),
    machine: describeMachine(),
    model: { version, base: manifest.base, commit: manifest.commit, seed: manifest.seed, recipe: manifest.recipe, data: manifest.data },
    ...(training === undefined ? {} : { training }),
    evaluations,
  };
}

/** Writes `results/<kept>/<run>.json` whole or not at all. Returns its path. */
export async function writeRun(record: RunRecord, results = RESULTS, kept: Kept = 'metrics'): Promise<string> {
  const file = path.join(results, kept, `${record.run}.json`);
  const json = JSON.stringify(record, null, 1).replace(/\[[\s\d.,eE+-]+\]/g, (numbers) => numbers.replace(/\s+/g, ' ')); // a matrix's row is a line
  await writeWhole(file, `${json}\n`);
  return file;
}

/** How the training of a model went, as an earlier record of it says; undefined when none does. */
export async function findTraining(version: string, results = RESULTS): Promise<Training | undefined> {
  const dir = path.join(results, 'metrics');
  const names = await readdir(dir).catch(() => []);
  for (const name of names.filter((file) => file.includes(version) && file.endsWith('.json')).sort()) {
    const json: unknown = JSON.parse(await readFile(path.join(dir, name), 'utf8'));
    const parsed = z.object({ training: trainingSchema }).safeParse(json);
    if (parsed.success) return parsed.data.training;
  }
  return undefined;
}

/** What a manifest keeps of an evaluation: the figures, without matrix and classes. */
export function summariseEvaluation({ rows, intent, category, priority, dataSet: _, ...rest }: Evaluation): Record<string, unknown> {
  const figures = (scores: Evaluation['intent']) =>
    scores && { rows: scores.rows, accuracy: scores.accuracy, macroF1: scores.macroF1, ece: scores.ece };
  return { rows, intent: figures(intent), category: figures(category), priority: figures(priority), ...rest };
}
