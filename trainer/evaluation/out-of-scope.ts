import { seededRandom, shuffle } from '../training/random.ts';

/** How well a score tells what is in scope from what is not; both are shares, .5 is chance for the first. */
export type Separation = {
  /** probability that a message in scope scores higher than one that is not */
  auroc: number;
  /** share of the messages out of scope that are told where so many of those in scope stay inside */
  recall: number;
};

/**
 * Draws the classes that a model is not to learn, of every group its part (systematic sampling of the classes in order of
 * their groups, shuffled within).
 */
export function drawClasses<T extends { id: string; group: string }>(classes: readonly T[], count: number, seed: number): T[] {
  const shuffled = shuffle(
    classes.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    seededRandom(seed),
  ).toSorted((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0));
  return Array.from({ length: Math.min(count, classes.length) }, (_, i) => {
    const at = Math.floor(((i + 0.5) * classes.length) / Math.min(count, classes.length));
    return shuffled[at] as T;
  });
}

/**
 * Measures a score that is to be the higher the more a message is in scope.
 * @param inside share of the messages in scope that stay inside at the threshold of `recall`
 */
export function separation(inScope: readonly number[], outOfScope: readonly number[], inside: number): Separation {
  const sorted = inScope.toSorted((a, b) => a - b);
  const threshold = sorted[Math.floor((1 - inside) * sorted.length + 1e-9)] ?? Number.NEGATIVE_INFINITY;
  return {
    auroc: areaUnderCurve(inScope, outOfScope),
    recall: outOfScope.filter((score) => score < threshold).length / Math.max(1, outOfScope.length),
  };
}

/** Mann and Whitney's U as a share of all pairs; equal scores count half. */
function areaUnderCurve(inScope: readonly number[], outOfScope: readonly number[]): number {
  const all = [...inScope.map((score) => ({ score, inside: true })), ...outOfScope.map((score) => ({ score, inside: false }))];
  all.sort((a, b) => a.score - b.score);
  let [below, wins] = [0, 0];
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.score === all[from]?.score) to += 1;
    const tied = all.slice(from, to);
    const inside = tied.filter((item) => item.inside).length;
    wins += inside * (below + (tied.length - inside) / 2);
    below += tied.length - inside;
    from = to;
  }
  return wins / Math.max(1, inScope.length * outOfScope.length);
}
