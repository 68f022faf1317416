import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fineTune, type TrainingProgress } from './fine-tune.ts';
import { type Checkpoint, readCheckpoint } from './network/checkpoint.ts';
import { type Parameters, toCheckpoint } from './network/parameters.ts';
import { MEAN_LINEAR, writeTinyCheckpoint } from './testing.ts';
import type { Example } from './training/examples.ts';
import { parseRecipe, type Recipe } from './training/recipe.ts';

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

async function train(change: Partial<Recipe> = {}, onStep: (progress: TrainingProgress) => void = () => {}, signal = forever()) {
  const steps: TrainingProgress[] = [];
  const onProgress = (progress: TrainingProgress) => {
    steps.push(progress);
    onStep(progress);
  };
  const parameters = await fineTune(base, HEADS, examples, { recipe: { ...recipe, ...change }, threads: 1, signal, onProgress });
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
