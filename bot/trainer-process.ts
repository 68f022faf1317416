import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '../log.ts';
import type { Trainer } from './run-watcher.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Errors in a row after which no further trainer is started. */
const PATIENCE = 2;
/** Longest that a stop waits for the trainer to end by itself, in ms. */
const GRACE = 10_000;

/** A trainer of our own, in a process of its own. */
export type TrainerProcess = Trainer & { stop(): Promise<void> };

export type TrainerOptions = {
  /** environment of the process: where the database and the queue are */
  env: Record<string, string | undefined>;
  log: Log;
  /** what Node runs; default: the trainer, until the queue is idle */
  args?: readonly string[];
};

/** Starts a trainer when it is asked for and none runs; it takes jobs until there are none. */
export function trainerProcess({ env, log, args }: TrainerOptions): TrainerProcess {
  const command = args ?? ['--import', import.meta.resolve('tsx'), 'trainer/main.ts', 'work', '--once'];
  let running: { ended: Promise<void>; kill: (signal: NodeJS.Signals) => void } | undefined;
  let failures = 0;
  let stopped = false;

  const start = () => {
    const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] });
    log.info({ pid: child.pid }, 'No trainer took the job, so one was started here');
    const ended = new Promise<void>((resolve) => {
      const end = (failed: boolean, how: Record<string, unknown>) => {
        running = undefined;
        failures = failed ? failures + 1 : 0;
        if (failed && !stopped) log.error(how, 'The trainer that was started here ended with an error');
        resolve();
      };
      child.once('error', (error) => end(true, { why: error.message }));
      child.once('exit', (code, signal) => end(code !== 0, { code, signal }));
    });
    running = { ended, kill: (signal) => child.kill(signal) };
  };

  return {
    ensure() {
      if (running !== undefined || stopped) return 'running';
      if (failures >= PATIENCE) {
        failures = 0;
        return 'broken';
      }
      start();
      return 'running';
    },
    async stop() {
      stopped = true;
      if (running === undefined) return;
      const { ended, kill } = running;
      kill('SIGTERM');
      const late = new AbortController();
      await Promise.race([ended, delay(GRACE, undefined, { signal: late.signal }).then(() => kill('SIGKILL'))]);
      late.abort();
      await ended;
    },
  };
}
