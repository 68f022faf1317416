/** Runs tasks of one key one after the other, in the order they came; tasks of different keys run side by side. */
export type Turns = <T>(key: number | string, task: () => Promise<T>) => Promise<T>;

/** Keeps the turns of any number of keys; a key that nobody waits for costs nothing. */
export function takeTurns(): Turns {
  const last = new Map<number | string, Promise<unknown>>();
  return (key, task) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(task, task);
    const settled = turn.then(
      () => {},
      () => {},
    );
    last.set(key, settled);
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    return turn;
  };
}
