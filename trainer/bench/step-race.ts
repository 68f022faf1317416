import { z } from 'zod';
import type { Shape } from '../network/bert-config.ts';
import { allocateParameters, drawParameters } from '../network/parameters.ts';
import { seededRandom } from '../training/random.ts';
import { DEFAULT_RECIPE } from '../training/recipe.ts';
import { type Batch, createTrainingStep, type RuntimeOptions, type TrainingStep } from '../training/step.ts';
import { breathe, tell } from './pace.ts';
import type { Peer } from './peer.ts';
import { HEADS, randomBatch, SHAPES } from './shapes.ts';
import { median, type Summary, summarise } from './statistics.ts';
import { judge, type Table } from './table.ts';

/** Rows and tokens of the batches. */
export const SIZES = [
  { batch: 32, sequence: 16 },
  { batch: 64, sequence: 16 },
];
/** Steps of a contender in its turn, the first of which is not counted. */
const STEPS = 9;

/** One contender on one size. */
export type StepTime = {
  who: string;
  batch: number;
  sequence: number;
  /** ms of a step: forward, backward, clipping, AdamW */
  step: Summary;
  messagesPerSecond: number;
  /** how many times PyTorch fp32's speed, in each round */
  ratio: Summary | undefined;
};

type Pooling = Shape['pooling'];

type Contender = { who: string; run: (batch: Batch, steps: number) => Promise<number[]>; dispose: () => Promise<void> };

const OURS = 'ticketwise fp32';
const PYTORCH = 'PyTorch fp32';

/**
 * One training step of MiniLM's shape on the same batches, by turns: all contenders in each round, in another order each time, so
 * that none has the quiet minutes for itself.
 */
export async function raceSteps(
  peer: Peer | undefined,
  { threads, rounds, signal }: { threads: number; rounds: number; signal: AbortSignal },
) {
  const random = seededRandom(1);
  const batches = SIZES.map(({ batch, sequence }) => randomBatch(batch, sequence, random));
  const contenders = [
    await ours(OURS, threads),
    await ours('the same, mean pooling', threads, 'mean'),
    ...(peer === undefined ? [] : [python(peer, PYTORCH, false)]),
    ...(peer?.bf16 ? [python(peer, 'PyTorch bf16', true)] : []),
  ];
  const times = contenders.map(() => batches.map(() => [] as number[][]));
  try {
    for (let round = 0; round < rounds; round++) {
      tell(`one step: round ${round + 1} of ${rounds}`);
      for (const [size, batch] of batches.entries()) {
        for (let turn = 0; turn < contenders.length; turn++) {
          const i = (turn + round) % contenders.length;
          times[i]?.[size]?.push((await contenders[i]?.run(batch, STEPS))?.slice(1) ?? []);
          await breathe(signal);
        }
      }
    }
  } finally {
    for (const { dispose } of contenders) await dispose();
  }
  const base = contenders.findIndex(({ who }) => who === PYTORCH);
  return SIZES.flatMap(({ batch, sequence }, size) =>
    contenders.map(({ who }, i): StepTime => {
      const own = times[i]?.[size] ?? [];
      const step = summarise(own.flat());
      const ratios = (times[base]?.[size] ?? []).map((round, k) => median(round) / median(own[k] ?? []));
      const ratio = base < 0 ? undefined : summarise(ratios);
      return { who, batch, sequence, step, messagesPerSecond: (1000 * batch) / step.median, ratio };
    }),
  );
}

/** Our training step with the default recipe, but that the network is the peer's, on random weights. */
export async function openOwnStep(threads: number, runtime: RuntimeOptions = {}, pooling: Pooling = 'cls'): Promise<TrainingStep> {
  const random = seededRandom(2);
  const config = { ...SHAPES['MiniLM-L6'], pooling };
  const parameters = allocateParameters(config, HEADS, Math.max(...SIZES.map(({ batch, sequence }) => batch * sequence)));
  drawParameters(parameters, random);
  const { weightDecay, clip, dropout, labelSmoothing } = DEFAULT_RECIPE;
  const options = { weightDecay, clip, dropout, labelSmoothing, threads, random, rateOf: () => 1 };
  return createTrainingStep(config, HEADS, parameters, options, runtime);
}

async function ours(who: string, threads: number, pooling?: Pooling): Promise<Contender> {
  const step = await openOwnStep(threads, {}, pooling);
  return {
    who,
    async run(batch, steps) {
      const times: number[] = [];
      for (let i = 0; i < steps; i++) {
        const started = performance.now();
        await step.run(batch, 1e-5);
        times.push(performance.now() - started);
      }
      return times;
    },
    dispose: () => step.dispose(),
  };
}

function python(peer: Peer, who: string, bf16: boolean): Contender {
  const { pooling: _, head: __, ...config } = SHAPES['MiniLM-L6'];
  return {
    who,
    async run({ size: { batch, sequence }, ids, intents }, steps) {
      const rows = Array.from({ length: batch }, (_, row) => [...ids.subarray(row * sequence, (row + 1) * sequence)]);
      const targets = rows.map((_, row) => intents.subarray(row * HEADS.intents, (row + 1) * HEADS.intents).indexOf(1));
      const request = {
        what: 'step',
        name: who,
        config,
        labels: HEADS.intents,
        dropout: DEFAULT_RECIPE.dropout,
        bf16,
        ids: rows,
        targets,
        steps,
      };
      return (await peer.ask(request, z.object({ milliseconds: z.array(z.number()) }))).milliseconds;
    },
    // a peer that has ended has forgotten
    dispose: () =>
      peer.ask({ what: 'forget' }, z.object({})).then(
        () => {},
        () => {},
      ),
  };
}

export function tableOfSteps(times: StepTime[], threads: number): Table {
  return {
    title: `One training step, MiniLM-L6's shape, ${threads} threads`,
    columns: ['who', 'batch', 'ms a step', 'messages/s', 'against PyTorch fp32', 'goal'],
    rows: times.map(({ who, batch, sequence, step, messagesPerSecond, ratio }) => [
      who,
      `${batch} x ${sequence}`,
      step.median.toFixed(0),
      messagesPerSecond.toFixed(0),
      ratio === undefined ? '' : `${ratio.median.toFixed(2)}x (${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)})`,
      ratio === undefined || who !== OURS ? '' : judge(ratio.median, { atLeast: 1.3 }, 'x'),
    ]),
    notes: [
      'Forward, backward, clipping and AdamW on the same batches; medians over rounds, in which all take turns. PyTorch runs BertForSequenceClassification with dropout 0.1 where ours has it (not on the attention), and fused AdamW. Both pool by [CLS]: ours computes the last layer for that token alone, PyTorch and "mean pooling" for all.',
    ],
  };
}
