import { setTimeout as delay } from 'node:timers/promises';

/** What is under way, so that a stop can wait for it. */
export type InFlight = {
  /** Runs a task and counts it until it ends. Never rejects: `onError` gets what the task throws. */
  run(task: () => Promise<void>, onError: (error: unknown) => void): Promise<void>;
  /** Waits until nothing is under way, `ms` at most; resolves to the number of tasks left. */
  drain(ms: number): Promise<number>;
};

/** Counts tasks. */
export function countInFlight(): InFlight {
  const tasks = new Set<Promise<void>>();
  return {
    run(task, onError) {
      const running = Promise.resolve()
        .then(task)
        .catch(onError)
        .finally(() => tasks.delete(running));
      tasks.add(running);
      return running;
    },
    async drain(ms) {
      const timer = new AbortController();
      const deadline = delay(ms, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
      while (tasks.size > 0) {
        if ((await Promise.race([Promise.all(tasks), deadline])) === 'late') break;
      }
      timer.abort();
      return tasks.size;
    },
  };
}
