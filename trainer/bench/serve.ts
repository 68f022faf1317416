import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { Classification, Classifier } from '../../models/classification.ts';
import { openClassifier } from '../../models/classifier.ts';
import { readModelFolder } from '../../models/folder.ts';
import { openThreadedClassifier } from '../../models/threaded.ts';
import { type BotMeasurement, measureBot } from './bot-process.ts';
import { type EventLoopMeasurement, measureEventLoop } from './event-loop.ts';
import { openFullModel } from './full-model.ts';
import { breathe, tell } from './pace.ts';
import { openPeer, type Peer } from './peer.ts';
import { median, type Summary, summarise } from './statistics.ts';
import { type Finding, judge, type Table } from './table.ts';
import { readTexts, type Texts } from './texts.ts';
import { timeEach, timeTogether } from './timing.ts';

export type ServeOptions = {
  /** folder of the model */
  model: string;
  /** repetitions of every measurement; all of one round before the next, so that a slow minute hits all alike */
  rounds: number;
  python: string | undefined;
  /** a PostgreSQL server for the bot; an embedded one when undefined */
  databaseUrl: string | undefined;
  env: Record<string, string | undefined>;
  signal: AbortSignal;
};

type Precision = 'int8' | 'fp32';
/** A way to classify: ours in each precision and number of threads, and the pipeline of transformers. */
type Contender = {
  name: string;
  precision: Precision;
  threads: number;
  /** ms of each message, one after the other */
  single: (texts: string[]) => Promise<number[]>;
  /** ms of all together */
  batched: (texts: string[]) => Promise<number>;
  intents: (texts: string[]) => Promise<string[]>;
};

/** Messages of one round: one after the other. */
const SINGLES = 50;
const BATCH = 32;
const GOALS = { int8: { atMost: 2.5 }, fp32: { atMost: 5 } } as const;

/** Measures classification and the bot that classifies. */
export async function benchServe(options: ServeOptions): Promise<Finding> {
  const { rounds, signal } = options;
  const { manifest, version } = await readModelFolder(options.model, (file) => !file.endsWith('.safetensors'));
  const texts = await readTexts(options.model, manifest.maxTokens);
  const full = await openFullModel(options.model);
  const opened: Classifier[] = [];
  const peer = await openPeer(options.python, availableParallelism(), signal);
  try {
    const contenders: Contender[] = [];
    for (const precision of ['int8', 'fp32'] as const) {
      for (const threads of [1, 2]) {
        const classifier = await openClassifier(full.dir, { precision, threads });
        opened.push(classifier);
        contenders.push(ours(classifier, precision, threads));
      }
    }
    const ids = manifest.labels.intents.map(({ id }) => id);
    if (!('missing' in peer)) for (const threads of [1, 2]) contenders.push(pipeline(peer, full.dir, manifest.maxTokens, ids, threads));
    const raced = await race(contenders, texts, rounds, signal);
    const answered = await withReply(opened[0] as Classifier, texts.natural);
    for (const classifier of opened.splice(0)) await classifier.dispose();
    if (!('missing' in peer)) await peer.close();
    tell('the bot');
    const opening = await measureOpening(options.model, rounds, signal);
    const loop = await measureEventLoop(options.model, rounds, signal);
    const bot = await measureBot(options, answered);
    const note = 'missing' in peer ? peer.missing : `${peer.versions}; it computes the intents alone, on the same weights.`;
    return {
      tables: [tableOfRace(raced, note), tableOfBot(opening, loop, bot)],
      figures: { model: version, classification: raced, peer: note, openSeconds: opening, eventLoop: loop, bot },
    };
  } finally {
    for (const classifier of opened) await classifier.dispose();
    if (!('missing' in peer)) await peer.close();
    await full.remove();
  }
}

/** The messages that get a reply: on what a model takes for chatter the bot is silent. */
async function withReply(classifier: Classifier, texts: readonly string[]): Promise<string[]> {
  const answers: Classification[] = [];
  for (const text of texts) answers.push(...(await classifier.classify([text]))); // alone, as they come in a channel
  return texts.filter((_, i) => answers[i]?.silent === false);
}

function ours(classifier: Classifier, precision: Precision, threads: number): Contender {
  return {
    name: 'ticketwise',
    precision,
    threads,
    single: (texts) => timeEach(classifier, texts),
    batched: (texts) => timeTogether(classifier, texts),
    intents: async (texts) => (await classifier.classify(texts)).map(({ intent }) => intent.id),
  };
}

const answer = z.object({ milliseconds: z.array(z.number()), intents: z.array(z.number().int()) });

function pipeline(peer: Peer, folder: string, maxTokens: number, ids: string[], threads: number): Contender {
  const ask = (texts: string[], batchSize: number) => peer.ask({ what: 'classify', folder, texts, maxTokens, threads, batchSize }, answer);
  return {
    name: 'Python pipeline',
    precision: 'fp32',
    threads,
    single: async (texts) => (await ask(texts, 1)).milliseconds,
    batched: async (texts) => median((await ask(texts, BATCH)).milliseconds),
    intents: async (texts) => (await ask(texts, BATCH)).intents.map((i) => ids[i] ?? ''),
  };
}

type Raced = {
  name: string;
  precision: Precision;
  threads: number;
  /** of one 16-token message, in ms */
  p50: number;
  p95: number;
  /** messages/s, in batches */
  batched: number;
  /** share of messages whose intent is that of fp32 here */
  agreement: number;
};

async function race(contenders: Contender[], { short, natural }: Texts, rounds: number, signal: AbortSignal): Promise<Raced[]> {
  const times = contenders.map(() => ({ single: [] as number[], batched: [] as number[] }));
  for (let round = -1; round < rounds; round++) {
    // the round before the first warms up
    tell(round < 0 ? 'classification: warming up' : `classification: round ${round + 1} of ${rounds}`);
    const texts = Array.from({ length: SINGLES }, (_, i) => short[(i + Math.max(0, round) * SINGLES) % short.length] as string);
    for (const [i, contender] of contenders.entries()) {
      const single = await contender.single(texts);
      const batched = await contender.batched(natural);
      if (round >= 0) {
        times[i]?.single.push(...single);
        times[i]?.batched.push(batched);
      }
      await breathe(signal);
    }
  }
  const reference = await contenders.find(({ precision }) => precision === 'fp32')?.intents(natural);
  return Promise.all(
    contenders.map(async ({ name, precision, threads, intents }, i) => {
      const { single = [], batched = [] } = times[i] ?? {};
      const { median: p50, p95 } = summarise(single);
      const said = await intents(natural);
      const same = said.filter((id, k) => id === reference?.[k]).length;
      return { name, precision, threads, p50, p95, batched: (1000 * natural.length) / median(batched), agreement: same / said.length };
    }),
  );
}

/** Seconds until a model answers in a thread of its own, as when a bot takes it up: hashes, tokenizer, network. */
async function measureOpening(model: string, rounds: number, signal: AbortSignal): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const classifier = await openThreadedClassifier(model);
    seconds.push((performance.now() - started) / 1000);
    await classifier.dispose();
    await breathe(signal);
  }
  return median(seconds);
}

function tableOfRace(raced: Raced[], note: string): Table {
  return {
    title: 'Classification',
    columns: ['who', 'precision', 'threads', 'p50 of one message', 'p95', 'goal', 'messages/s in batches', 'goal', 'same intent as fp32'],
    rows: raced.map(({ name, precision, threads, p50, p95, batched, agreement }) => [
      name,
      precision,
      String(threads),
      `${p50.toFixed(2)} ms`,
      `${p95.toFixed(2)} ms`,
      name === 'ticketwise' ? judge(p50, GOALS[precision], 'ms') : '',
      batched.toFixed(0),
      name === 'ticketwise' && precision === 'int8' ? judge(batched, { atLeast: 600 }, '') : '',
      `${(100 * agreement).toFixed(1)} %`,
    ]),
    notes: [`One message has 16 tokens; batches hold the messages of the seed corpus's test part. Python: ${note}`],
  };
}

function tableOfBot(opening: number, loop: EventLoopMeasurement, bot: BotMeasurement): Table {
  const megabytes = (bytes: number | undefined) => (bytes === undefined ? 'not known here' : `${(bytes / 1e6).toFixed(0)} MB`);
  const judged = (bytes: number | undefined) => (bytes === undefined ? '' : judge(Math.round(bytes / 1e6), { atMost: 500 }, 'MB'));
  const { start, resident, peak, reply } = bot;
  const late = ({ median, least, most }: Summary) => `${median.toFixed(1)} ms (${least.toFixed(1)} to ${most.toFixed(1)})`;
  const busy = summarise(loop.longest);
  return {
    title: 'The bot',
    columns: ['', 'measured', 'goal'],
    rows: [
      ['a model opens in its thread', `${opening.toFixed(2)} s`, ''],
      ['longest delay of the event loop in 3 s, classifying', late(busy), judge(busy.median, { atMost: 5 }, 'ms')],
      ['the same, idle', late(summarise(loop.idle)), ''],
      ['messages/s meanwhile', loop.messagesPerSecond.toFixed(0), ''],
      ['the page answers after', `${start.toFixed(1)} s`, judge(start, { atMost: 15 }, 's')],
      ['a message has its reply after (p50)', `${reply.p50.toFixed(0)} ms`, ''],
      ['resident memory of the bot', megabytes(resident), judged(resident)],
      ['its peak', megabytes(peak), judged(peak)],
    ],
    notes: [`PostgreSQL: ${bot.database}.`],
  };
}
