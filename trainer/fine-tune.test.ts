import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FineTuneOptions, fineTune } from './fine-tune.ts';
import { type Checkpoint, readCheckpoint } from './network/checkpoint.ts';
import { type Parameters, toCheckpoint } from './network/parameters.ts';
import { MEAN_LINEAR, writeTinyCheckpoint } from './testing.ts';
import type { Example } from './training/examples.ts';
import type { KeepOptions } from './training/keeper.ts';
import type { Origin } from './training/origin.ts';
import type { TrainingProgress } from './training/progress.ts';
import { parseRecipe, type Recipe } from './training/recipe.ts';
import { readState } from './training/state.ts';
import { type CreateStep, createTrainingStep } from './training/step.ts';

const HEADS = { intents: 4, priorities: 3 };
/** Eight messages of four intents, each known by its one word. */
const examples = Array.from({ length: 8 }, (_, i): Example => {
  const intent = i % 4;
  return { ids: [2, 5 + intent, 9 + (i % 3), 3], intents: [intent], category: [intent], priority: intent % 3, weight: 1 };
});
const recipe = parseRecipe(
  { ...MEAN_LINEAR, epochs: 12, batchSize: 4, batchTokens: 64, maxTokens: 16, learningRate: 5e-3, dropout: 0, warmUp: 0 },
  'the test',
);

let scratch: string;
let base: Checkpoint;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-fine-tune-'));
  await writeTinyCheckpoint(scratch, ['one two three four five six seven'], HEADS);
  base = await readCheckpoint(scratch, MEAN_LINEAR);
});
afterAll(() => rm(scratch, { recursive: true }));

async function train(
  change: Partial<Recipe> = {},
  onStep: (progress: TrainingProgress) => void = () => {},
  signal = forever(),
  options: Partial<FineTuneOptions> = {},
) {
  const steps: TrainingProgress[] = [];
  const onProgress = (progress: TrainingProgress) => {
    steps.push(progress);
    onStep(progress);
  };
  const given = { recipe: { ...recipe, ...change }, threads: 1, signal, onProgress, ...options };
  const parameters = await fineTune(base, HEADS, examples, given);
  return { steps, parameters };
}
const forever = () => new AbortController().signal;
const copy = (parameters: Parameters) => [...toCheckpoint(parameters)].map(([name, { values }]) => [name, Array.from(values)]);

describe('fineTune', () => {
  it('learns a tiny set: the loss falls, step by step, to little', async () => {
    const { steps, parameters } = await train({ epochs: 40 });
    const mean = (part: TrainingProgress[]) => part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
    expect(steps.map(({ step, steps: of }) => [step, of])).toEqual(Array.from({ length: 80 }, (_, i) => [i + 1, 80]));
    expect(mean(steps.slice(-4))).toBeLessThan(mean(steps.slice(0, 4)) / 2);
    expect(steps.at(-1)).toMatchObject({ epoch: 40, secondsLeft: 0 });
    // Every layer and the word embeddings moved, not the heads alone.
    const trained = toCheckpoint(parameters);
    for (const [name, { values }] of base.weights)
      if (!name.includes('position') && !name.endsWith('key.bias')) expect(trained.get(name)?.values, name).not.toEqual(values);
  });

  it('does the same with the same seed, and other with another', async () => {
    const change = { epochs: 2, dropout: 0.1 };
    const [one, again, other] = [await train(change), await train(change), await train({ ...change, seed: 2 })];
    expect(copy(again.parameters)).toEqual(copy(one.parameters));
    expect(copy(other.parameters)).not.toEqual(copy(one.parameters));
  });

  it('raises the rate, then lowers it', async () => {
    const { steps } = await train({ epochs: 2, warmUp: 0.5 });
    expect(steps.map(({ learningRate }) => learningRate / recipe.learningRate)).toEqual([0.5, 1, 1, 0.5]);
  });

  it('stops between two steps, and gives no model', async () => {
    const controller = new AbortController();
    const reason = new Error('SIGINT');
    const seen: number[] = [];
    const training = train(
      {},
      ({ step }) => {
        seen.push(step);
        if (step === 2) controller.abort(reason);
      },
      controller.signal,
    );
    const message = 'Training was stopped after step 2 of 24; no model was written.';
    await expect(training).rejects.toMatchObject({ code: 'interrupted', message, cause: reason });
    expect(seen).toEqual([1, 2]);
  });

  it('lets what waits have its turn between two steps', async () => {
    const controller = new AbortController();
    const training = train({}, ({ step }) => step === 1 && setImmediate(() => controller.abort()), controller.signal);
    await expect(training).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('ends in a clear error when the loss is no number any more', async () => {
    await expect(train({ learningRate: 1e30 })).rejects.toMatchObject({
      code: 'job_failed',
      message: expect.stringMatching(
        /^The loss is \S+ at step \d+ of 24 .*Lower learningRate \(now 1e\+30\) or raise warmUp; no model was written\.$/,
      ),
    });
  });
});

describe('a training that is kept', () => {
  const change = { epochs: 3, warmUp: 0.2 }; // two batches an epoch
  const withMasks = { ...change, dropout: 0.1 };
  const ORIGIN: Origin = {
    recipe: { learningRate: recipe.learningRate },
    base: { name: 'tiny', sha256: '0'.repeat(64) },
    labels: '0'.repeat(64),
    data: [],
    examples: { count: examples.length, sha256: '0'.repeat(64) },
  };
  let folders = 0;
  const keepIn = (dir: string, more: Partial<KeepOptions> = {}): KeepOptions => ({
    dir,
    origin: ORIGIN,
    command: 'go on',
    share: 0,
    onTrouble: (error) => {
      throw error;
    },
    ...more,
  });
  /** Trains in sittings: each ends after a step, the last one at the end. */
  async function sittings(stops: readonly number[], change: Partial<Recipe>) {
    const dir = path.join(scratch, `kept-${folders++}`);
    for (const stop of stops) {
      const controller = new AbortController();
      const from = stop === stops[0] ? {} : { from: await readState(dir) };
      const training = train(change, ({ step }) => step === stop && controller.abort('SIGINT'), controller.signal, {
        keep: keepIn(dir, from),
      });
      await expect(training).rejects.toMatchObject({ code: 'interrupted', cause: 'SIGINT' });
    }
    return { dir, ...(await train(change, () => {}, forever(), { keep: keepIn(dir, { from: await readState(dir) }) })) };
  }
  const curve = (steps: TrainingProgress[]) => steps.map(({ seconds: _, tokensPerSecond: __, secondsLeft: ___, ...rest }) => rest);

  let throughout: Awaited<ReturnType<typeof train>>;
  beforeAll(async () => {
    throughout = await train(withMasks);
  });

  it.each([
    ['after its first step', [1]],
    ["at an epoch's border", [2]],
    ['after its last step', [6]],
    ['three times, within epochs', [1, 3, 5]],
  ])('that is stopped %s goes on to the same weights, bit for bit, and tells its whole course', async (_, stops) => {
    const resumed = await sittings(stops, withMasks);
    expect(copy(resumed.parameters)).toEqual(copy(throughout.parameters));
    expect(curve(resumed.steps)).toEqual(curve(throughout.steps));
  });

  it('takes the time of all its sittings together', async () => {
    const { steps } = await sittings([2, 4], change);
    const seconds = steps.map((step) => step.seconds);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
  });

  it('says where it is kept and what goes on, when it is stopped', async () => {
    const dir = path.join(scratch, 'told');
    const training = train(change, () => {}, AbortSignal.abort(), { keep: keepIn(dir) });
    const message = `Training was stopped after step 1 of 6, and is kept in ${path.relative('.', dir)}. Go on with\n  go on`;
    await expect(training).rejects.toMatchObject({ code: 'interrupted', message });
    expect((await readdir(dir)).sort()).toEqual(['state.json', 'step-1.safetensors']);
  });

  it('keeps the last step, so that writing the model may fail', async () => {
    const dir = path.join(scratch, 'finished');
    const { parameters } = await train(change, () => {}, forever(), { keep: keepIn(dir) });
    expect((await readdir(dir)).sort()).toEqual(['state.json', 'step-6.safetensors']);
    const again = await train(change, () => {}, forever(), { keep: keepIn(dir, { from: await readState(dir) }) });
    expect([again.steps.length, copy(again.parameters)]).toEqual([6, copy(parameters)]);
  });

  it('trains on where a state cannot be saved, and tells it once', async () => {
    const file = path.join(scratch, 'no-folder');
    await writeFile(file, '');
    const troubles: unknown[] = [];
    const keep = keepIn(file, { share: Number.POSITIVE_INFINITY, onTrouble: (error) => troubles.push(error) });
    const { parameters } = await train(change, () => {}, forever(), { keep });
    expect(troubles).toEqual([expect.objectContaining({ code: 'EEXIST' })]);
    expect(copy(parameters)).toEqual(copy((await train(change)).parameters));
    await expect(train(change, () => {}, AbortSignal.abort(), { keep })).rejects.toMatchObject({
      code: 'interrupted',
      message: expect.stringMatching(
        /^Training was stopped after step 1 of 6, and could not be saved: EEXIST.*\nNothing of it is kept\.$/s,
      ),
    });
  });

  /** A step whose loss is no number from some step on. */
  const failing =
    (from: number): CreateStep =>
    async (...given) => {
      const step = await createTrainingStep(...given);
      let runs = given[3].updatesBefore ?? 0;
      return { ...step, run: async (...batch) => (++runs < from ? step.run(...batch) : { loss: Number.NaN, gradientNorm: Number.NaN }) };
    };

  it.each([
    [1, undefined],
    [2, undefined], // what step 1 left gave no loss: no state of it
    [3, 1],
    [5, 3],
  ])('that loses its loss at step %d has kept the weights of step %s', async (at, good) => {
    const dir = path.join(scratch, `lost-${at}`);
    const keep = keepIn(dir, { share: Number.POSITIVE_INFINITY });
    const error = await train(change, () => {}, forever(), { keep, createStep: failing(at) }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'job_failed', message: expect.stringContaining(`The loss is NaN at step ${at} of 6`) });
    if (good === undefined) {
      expect(error).toMatchObject({ message: expect.stringContaining('before any good weights could be kept') });
      await expect(readState(dir)).rejects.toMatchObject({ code: 'not_found' });
      return;
    }
    const wayBack = `The last good weights, of step ${good}, are kept in ${path.relative('.', dir)}. Go on from there with a lower learningRate (now 0.005), for instance with\n  go on --learning-rate 0.0025`;
    expect(error).toMatchObject({ message: expect.stringContaining(wayBack) });
    const from = await readState(dir);
    const origin = { ...ORIGIN, recipe: { learningRate: 0.0025 } };
    const { steps } = await train({ ...change, learningRate: 0.0025 }, () => {}, forever(), {
      keep: keepIn(dir, { from, origin }),
    });
    const whole = await train(change);
    const rates = whole.steps.map(({ learningRate }, i) => (i < good ? learningRate : learningRate / 2));
    expect(steps.map(({ learningRate }) => learningRate)).toEqual(rates);
    expect(steps.slice(0, good + 1).map(({ loss }) => loss)).toEqual(whole.steps.slice(0, good + 1).map(({ loss }) => loss));
    expect((await readState(dir)).earlierRates).toEqual([{ until: good, learningRate: 0.005 }]);
  });
});
