import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Row } from '../../data/row.ts';
import { type Labels, labelsOf, type Taxonomy } from '../../labels.ts';
import { openTokenizer } from '../../models/tokenizer.ts';
import { fineTune } from '../fine-tune.ts';
import { readCheckpoint } from '../network/checkpoint.ts';
import type { Base } from '../sources.ts';
import { toExamples } from '../training/examples.ts';
import type { Recipe } from '../training/recipe.ts';
import { type CreateStep, createTrainingStep } from '../training/step.ts';
import { breathe, tell } from './pace.ts';
import type { Peer } from './peer.ts';
import { type Summary, summarise } from './statistics.ts';
import { judge, type Table } from './table.ts';

/** Some steps of a training on Banking77 as it goes. */
export type RunSpeed = {
  who: string;
  /** from the first step to the end of the last, everything between included */
  messagesPerSecond: Summary;
  /** share of that time which is not in the step itself: planning, packing, telling; known of ours */
  beside: number | undefined;
};

export type RunOptions = {
  base: Base;
  rows: readonly Row[];
  taxonomy: Taxonomy;
  recipe: Recipe;
  steps: number;
  /** how often everyone runs */
  repeats: number;
  threads: number;
  signal: AbortSignal;
};

type Pace = { seconds: number; messages: number; secondsInSteps?: number };
type Contender = { who: string; run: () => Promise<Pace> };

const OURS = 'ticketwise fp32';
const DEFAULTS = 'Trainer, defaults';
const GROUPED = 'Trainer, group_by_length';
const GROUPED_BF16 = 'Trainer, group_by_length, bf16';

/** Trains on Banking77 for some steps, with ours and with Hugging Face's Trainer as people run it, one after the other. */
export async function raceRuns(peer: Peer | undefined, options: RunOptions): Promise<RunSpeed[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ticketwise-bench-'));
  try {
    const data = path.join(folder, 'rows.json');
    await writeFile(data, JSON.stringify(labelled(options.rows, options.taxonomy)));
    const contenders: Contender[] = [{ who: OURS, run: () => runOurs(options) }];
    if (peer !== undefined) {
      for (const [who, groupByLength, bf16] of [
        [DEFAULTS, false, false],
        [GROUPED, true, false],
        ['Trainer, bf16', false, true],
        [GROUPED_BF16, true, true],
      ] as const) {
        if (bf16 && !peer.bf16) continue;
        contenders.push({ who, run: () => runTrainer(peer, data, { groupByLength, bf16 }, options) });
      }
    }
    const paces = contenders.map(() => [] as Pace[]);
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      for (const [i, { who, run }] of contenders.entries()) {
        tell(`Banking77: ${who}`);
        paces[i]?.push(await run());
        await breathe(options.signal);
      }
    }
    return contenders.map(({ who }, i) => ({
      who,
      messagesPerSecond: summarise((paces[i] ?? []).map(({ messages, seconds }) => messages / seconds)),
      beside: besideOf(paces[i] ?? []),
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function besideOf(paces: Pace[]): number | undefined {
  const shares = paces.flatMap(({ seconds, secondsInSteps }) => (secondsInSteps === undefined ? [] : [1 - secondsInSteps / seconds]));
  return shares.length === 0 ? undefined : summarise(shares).median;
}

/** The training that `npm run train` does, stopped after some steps. */
async function runOurs({ base, rows, taxonomy, recipe, steps, threads, signal }: RunOptions): Promise<Pace> {
  const labels: Labels = labelsOf(taxonomy);
  const checkpoint = await readCheckpoint(base.dir, recipe);
  const tokenize = await openTokenizer(base.dir, recipe.maxTokens);
  const examples = toExamples(rows, labels, tokenize, recipe.sourceWeights);
  const enough = new AbortController();
  const pace = { seconds: 0, messages: 0, secondsInSteps: 0 };
  let started: number | undefined;
  let done = 0;
  const createStep: CreateStep = async (...given) => {
    const step = await createTrainingStep(...given);
    return {
      async run(batch, rate) {
        const begun = performance.now();
        started ??= begun;
        const result = await step.run(batch, rate);
        const now = performance.now();
        pace.secondsInSteps += (now - begun) / 1000;
        pace.seconds = (now - started) / 1000;
        pace.messages += batch.size.batch;
        done += 1;
        if (done === steps) enough.abort();
        return result;
      },
      settle: () => step.settle(),
      dispose: () => step.dispose(),
    };
  };
  const heads = { intents: labels.intents.length, priorities: labels.priorities.length };
  const until = AbortSignal.any([enough.signal, signal]);
  await fineTune(checkpoint, heads, examples, { recipe, threads, createStep, signal: until, onProgress: () => {} }).catch(
    (error: unknown) => {
      if (!enough.signal.aborted) throw error;
    },
  );
  return pace;
}

async function runTrainer(
  peer: Peer,
  data: string,
  flags: { groupByLength: boolean; bf16: boolean },
  { base, taxonomy, recipe, steps, threads }: RunOptions,
): Promise<Pace> {
  const { batchSize, learningRate, maxTokens, seed } = recipe;
  const request = {
    what: 'run',
    data,
    base: base.dir,
    labels: taxonomy.intents.length,
    batchSize,
    learningRate,
    maxTokens,
    seed,
    steps,
    threads,
  };
  return peer.ask({ ...request, ...flags }, z.object({ seconds: z.number().positive(), messages: z.number().int() }));
}

/** Banking77 as the Trainer takes it: texts and numbers of intents. */
function labelled(rows: readonly Row[], taxonomy: Taxonomy): { text: string; label: number }[] {
  const numbers = new Map(taxonomy.intents.map(({ id }, i) => [id, i]));
  return rows.flatMap(({ text, intent }) => {
    const label = intent === undefined ? undefined : numbers.get(intent);
    return label === undefined ? [] : [{ text, label }];
  });
}

/** What ours was to be, as a multiple of each. */
const GOALS = new Map([
  [DEFAULTS, 3],
  [GROUPED, 1.3],
  [GROUPED_BF16, 1],
]);

export function tableOfRuns(speeds: RunSpeed[], { base, recipe, steps, threads }: RunOptions): Table {
  const ours = speeds.find(({ who }) => who === OURS)?.messagesPerSecond.median ?? Number.NaN;
  return {
    title: `Banking77, ${steps} steps of ${recipe.batchSize} messages, ${base.name}, ${threads} threads`,
    columns: ['who', 'messages/s', 'ours against it', 'goal', 'time beside the steps'],
    rows: speeds.map(({ who, messagesPerSecond: { median, least, most, count }, beside }) => {
      const goal = GOALS.get(who);
      return [
        who,
        count === 1 ? median.toFixed(0) : `${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`,
        who === OURS ? '' : `${(ours / median).toFixed(2)}x`,
        goal === undefined ? '' : judge(ours / median, { atLeast: goal }, 'x'),
        beside === undefined ? '' : `${(100 * beside).toFixed(1)} %, ${judge(Math.round(1000 * beside) / 10, { atMost: 10 }, '%')}`,
      ];
    }),
    notes: ['The whole training from its first step on: sampling, padding, optimiser. Reading weights and tokenising come before it.'],
  };
}
