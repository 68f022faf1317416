import type { DataSet } from '../../data/row.ts';
import type { Classifier } from '../../models/classification.ts';
import { openClassifier } from '../../models/classifier.ts';
import { median, summarise } from '../bench/statistics.ts';
import { timeEach, timeTogether } from '../bench/timing.ts';

/** How fast a model answers, on the machine and beside the work that it was measured with. */
export type Serving = {
  /** messages that were measured with */
  messages: number;
  threads: number;
  /** ms of one message at a time: median and 95th percentile */
  p50: number;
  p95: number;
  /** in batches */
  messagesPerSecond: number;
};

const MESSAGES = 200;
const WARM_UP = 20;
/** Repetitions in batches, of which the median counts. */
const ROUNDS = 3;

/** Threads of the bot's classifier. */
const THREADS = 1;

/** Measures how fast the model in a folder answers messages of the test parts, through the classifier that bots use. */
export async function measureServing(dir: string, precision: 'int8' | 'fp32', parts: readonly DataSet[]): Promise<Serving> {
  const classifier = await openClassifier(dir, { precision, threads: THREADS });
  try {
    return await timeServing(classifier, THREADS, parts);
  } finally {
    await classifier.dispose();
  }
}

/**
 * Times a classifier on messages of the test parts, taken at even distances.
 * @param threads those that the classifier was opened with
 */
export async function timeServing(classifier: Classifier, threads: number, parts: readonly Pick<DataSet, 'rows'>[]): Promise<Serving> {
  const texts = spread(
    parts.flatMap(({ rows }) => rows.map((row) => row.text)),
    MESSAGES,
  );
  await timeEach(classifier, texts.slice(0, WARM_UP));
  const { median: p50, p95 } = summarise(await timeEach(classifier, texts));
  const together: number[] = [];
  for (let round = 0; round < ROUNDS; round++) together.push(await timeTogether(classifier, texts));
  return { messages: texts.length, threads, p50, p95, messagesPerSecond: (1000 * texts.length) / median(together) };
}

/** The figures as one line for people. */
export function formatServing({ messages, threads, p50, p95, messagesPerSecond }: Serving): string {
  const speed = Math.round(messagesPerSecond).toLocaleString('en');
  const on = threads === 1 ? 'one thread' : `${threads} threads`;
  return `${p50.toFixed(1)} ms for a message (median; 95 % within ${p95.toFixed(1)} ms), ${speed} messages/s in batches: ${messages} messages, ${on}`;
}

/** Items at even distances, at most so many. */
export function spread<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] as T);
}
