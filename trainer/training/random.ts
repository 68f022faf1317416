/** Draws numbers in [0, 1). */
export type Random = {
  (): number;
  /** where it is in its course: a generator that is set to it goes on in the same way */
  state: number;
};

/** A generator whose course is set by its seed: mulberry32. */
export function seededRandom(seed: number): Random {
  const random: Random = Object.assign(
    () => {
      random.state = (random.state + 0x6d2b79f5) >>> 0;
      let t = random.state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    },
    { state: seed >>> 0 },
  );
  return random;
}

/** Fisher and Yates's shuffle, in place. */
export function shuffle<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}
