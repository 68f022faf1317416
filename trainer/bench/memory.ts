import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { TicketwiseError } from '../../errors.ts';
import { allocateParameters, drawParameters } from '../network/parameters.ts';
import { seededRandom } from '../training/random.ts';
import { DEFAULT_RECIPE } from '../training/recipe.ts';
import { createTrainingStep } from '../training/step.ts';
import { breathe, interrupted, tell } from './pace.ts';
import { HEADS, randomBatch, SHAPES, type ShapeName } from './shapes.ts';
import { median } from './statistics.ts';
import { type Finding, judge } from './table.ts';

/** What training of one shape at one length takes. */
const measurement = z.object({
  batch: z.number().int(),
  sequence: z.number().int(),
  /** ms */
  step: z.number(),
  tokensPerSecond: z.number(),
  /** bytes of the whole process */
  peak: z.number().int(),
});
export type TrainingMemory = z.infer<typeof measurement>;

const LENGTHS = [16, 32, 64, 128];
const WARM_UP = 2;
/** Most resident memory of a training, in GB. */
const GOALS: Record<ShapeName, number> = { 'MiniLM-L6': 2, 'BERT-base': 8 };

/** Measures every shape at every length, each in a process of its own, so that none inherits another's peak. */
export async function benchMemory({ steps, signal }: { steps: number; signal: AbortSignal }): Promise<Finding> {
  const names = Object.keys(SHAPES) as ShapeName[];
  const found: (TrainingMemory & { shape: ShapeName })[] = [];
  for (const shape of names) {
    for (const length of LENGTHS) {
      tell(`memory: ${shape}, length ${length}`);
      found.push({ shape, ...(await measureApart(shape, length, steps, signal)) });
      await breathe(signal);
    }
  }
  const gigabytes = (bytes: number) => bytes / 1e9;
  return {
    tables: [
      {
        title: `Training, random weights, ${availableParallelism()} threads`,
        columns: ['shape', 'batch', 'ms a step', 'tokens/s', 'peak resident memory', 'goal'],
        rows: found.map(({ shape, batch, sequence, step, tokensPerSecond, peak }) => [
          shape,
          `${batch} x ${sequence}`,
          step.toFixed(0),
          tokensPerSecond.toFixed(0),
          `${gigabytes(peak).toFixed(2)} GB`,
          judge(gigabytes(peak), { atMost: GOALS[shape] }, 'GB'),
        ]),
        notes: [
          `Batches as the default recipe cuts them: ${DEFAULT_RECIPE.batchSize} messages, at most ${DEFAULT_RECIPE.batchTokens} tokens.`,
        ],
      },
    ],
    figures: { training: found },
  };
}

async function measureApart(shape: ShapeName, length: number, steps: number, signal: AbortSignal): Promise<TrainingMemory> {
  const main = path.join(import.meta.dirname, '..', 'main.ts');
  const args = ['--import', import.meta.resolve('tsx'), main, 'bench', 'memory', '--shape', shape, '--length', String(length)];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, '--steps', String(steps)], { signal }).catch(
    (cause: unknown) => {
      if (signal.aborted) throw interrupted(signal);
      throw new TicketwiseError('job_failed', `${shape} at length ${length} could not be measured: ${String(cause)}`, { cause });
    },
  );
  return measurement.parse(JSON.parse(stdout));
}

/** Trains a shape at a length for some steps, in this process. */
export async function measureShape(shape: ShapeName, sequence: number, steps: number, signal: AbortSignal): Promise<TrainingMemory> {
  const { batchSize, batchTokens, weightDecay, clip, dropout, labelSmoothing } = DEFAULT_RECIPE;
  const batch = Math.min(batchSize, Math.floor(batchTokens / sequence));
  const random = seededRandom(1);
  const parameters = allocateParameters(SHAPES[shape], HEADS, batch * sequence);
  drawParameters(parameters, random);
  const threads = availableParallelism();
  const options = { weightDecay, clip, dropout, labelSmoothing, threads, random, rateOf: () => 1 };
  const step = await createTrainingStep(SHAPES[shape], HEADS, parameters, options);
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + steps; i++) {
    const given = randomBatch(batch, sequence, random);
    const started = performance.now();
    await step.run(given, 1e-5);
    if (i >= WARM_UP) times.push(performance.now() - started);
    await breathe(signal);
  }
  const peak = process.resourceUsage().maxRSS * 1024;
  await step.dispose();
  const typical = median(times);
  return { batch, sequence, step: typical, tokensPerSecond: (1000 * batch * sequence) / typical, peak };
}
