import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { openThreadedClassifier } from '../../models/threaded.ts';
import { breathe } from './pace.ts';

/** Longest delays in ms of a thread that waits for the threaded classifier, and what that classified meanwhile. */
export type EventLoopMeasurement = { longest: number; p99: number; idle: number; messagesPerSecond: number };

/** How often the loop is looked at, in ms: what comes later than that is the delay. */
const RESOLUTION = 1;
const IN_FLIGHT = 16;
const LOAD_MS = 5_000;
const IDLE_MS = 2_000;

/**
 * Keeps the classifier of a bot busy, with messages that come one by one, and looks how late this thread's event loop
 * becomes.
 */
export async function measureEventLoop(model: string, texts: readonly string[], signal: AbortSignal): Promise<EventLoopMeasurement> {
  const classifier = await openThreadedClassifier(model);
  let done = 0;
  const load = async (milliseconds: number) => {
    const until = performance.now() + milliseconds;
    const customer = async (k: number) => {
      for (let i = k; performance.now() < until; i += IN_FLIGHT) {
        await classifier.classify([texts[i % texts.length] as string]);
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, k) => customer(k)));
  };
  const watch = async (work: () => Promise<unknown>) => {
    const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
    histogram.enable();
    await work();
    histogram.disable();
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
    return { longest: late(histogram.max), p99: late(histogram.percentile(99)) };
  };
  try {
    await load(LOAD_MS / 5); // warm-up
    const idle = await watch(() => delay(IDLE_MS));
    await breathe(signal);
    done = 0;
    const started = performance.now();
    const busy = await watch(() => load(LOAD_MS));
    return { ...busy, idle: idle.longest, messagesPerSecond: (1000 * done) / (performance.now() - started) };
  } finally {
    await classifier.dispose();
  }
}
