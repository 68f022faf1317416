import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { openThreadedClassifier } from '../../models/threaded.ts';
import { DEFAULT_RECIPE } from '../training/recipe.ts';
import type { EventLoopMeasurement } from './event-loop.ts';
import { readTexts } from './texts.ts';

// A process of its own: `node FLAGS watch-loop.ts MODEL ROUNDS` prints what measureEventLoop returns.

/** How often the loop is looked at, in ms: what comes later than that is the delay. */
const RESOLUTION = 1;
const IN_FLIGHT = 16;
const ROUND_MS = 3_000;

async function watchLoop(model: string, rounds: number): Promise<EventLoopMeasurement> {
  const { natural: texts } = await readTexts(model, DEFAULT_RECIPE.maxTokens);
  const classifier = await openThreadedClassifier(model);
  let done = 0;
  const load = async () => {
    const until = performance.now() + ROUND_MS;
    const customer = async (k: number) => {
      for (let i = k; performance.now() < until; i += IN_FLIGHT) {
        await classifier.classify([texts[i % texts.length] as string]);
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, k) => customer(k)));
  };
  const longestOf = async (work: () => Promise<unknown>) => {
    const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
    histogram.enable();
    await work();
    histogram.disable();
    return Math.max(0, histogram.max / 1e6 - RESOLUTION);
  };
  await load(); // warm-up
  done = 0;
  let milliseconds = 0;
  const [longest, idle]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    idle.push(await longestOf(() => delay(ROUND_MS)));
    const started = performance.now();
    longest.push(await longestOf(load));
    milliseconds += performance.now() - started;
  }
  await classifier.dispose();
  return { longest, idle, messagesPerSecond: (1000 * done) / milliseconds };
}

const [model = '', rounds] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await watchLoop(model, Number(rounds))));
