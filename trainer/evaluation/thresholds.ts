import type { Judged } from './metrics.ts';

/** A category and the confidence from which its answers keep a promise; null where none does. */
export type CategoryThreshold = { category: string; confidence: number | null };

/** Rows of all categories that speak for each beside its own. */
const POOLED = 100;

/** Largest share of the tickets that may be taken for chatter. */
export const SILENCED = 0.01;

/** Below it an answer is more likely wrong than right, whatever the confident ones make good. */
const LEAST = 0.5;

/**
 * Finds for each category the lowest confidence from which its answers are right as often as promised.
 *
 * A category has a hundred held-out rows or so, and at 98 % two errors decide. So its precision is estimated from its own
 * answers and from {@link POOLED} more that are right as often as those of all categories of that confidence (the mean of
 * a Beta posterior): a small category follows the others, a large one itself. Of all together one error more is
 * counted than there was, which keeps the expected share of errors below the promise in a small sample (Angelopoulos et
 * al., "Conformal risk control", 2022). A promise is of the mixture of held-out rows, not of each source.
 */
export function fitThresholds(judged: readonly Judged[], categories: readonly string[], precision: number): CategoryThreshold[] {
  const sorted = judged.filter(({ probability }) => probability >= LEAST).toSorted((a, b) => b.probability - a.probability);
  return categories.map((category) => {
    const [all, own] = [newTally(), newTally()];
    let confidence: number | null = null;
    for (const [i, item] of sorted.entries()) {
      count(all, item);
      if (item.answer === category) count(own, item);
      if (item.probability === sorted[i + 1]?.probability) continue; // answers of one confidence are kept together
      const pooled = all.right / (all.rows + 1);
      if ((own.right + POOLED * pooled) / (own.rows + POOLED) >= precision) confidence = item.probability;
    }
    return { category, confidence };
  });
}

/**
 * Finds the P(chatter) from which a message is taken for chatter: the one that recognises the most chatter while at most
 * `share` of the tickets fall silent. It lies midway between the most chatter-like ticket that is to be heard and the next
 * chatter above.
 * @param tickets P(chatter) of messages that are tickets
 * @param chatter P(chatter) of messages that are none
 * @returns undefined where not even one of the tickets is so small a share of them, or there is no chatter
 */
export function fitChatter(tickets: readonly number[], chatter: readonly number[], share: number): number | undefined {
  const silenced = Math.floor(share * tickets.length + 1e-9);
  const loudest = tickets.toSorted((a, b) => b - a)[silenced];
  if (silenced === 0 || loudest === undefined || chatter.length === 0) return undefined;
  return (loudest + Math.min(1, ...chatter.filter((probability) => probability > loudest))) / 2;
}

/**
 * How well P(chatter) tells chatter from these tickets, whatever threshold a model has: the share of the chatter above all
 * but {@link SILENCED} of the tickets.
 */
export function separation(tickets: readonly number[], chatter: readonly number[]): number {
  const loudest = tickets.toSorted((a, b) => b - a)[Math.floor(SILENCED * tickets.length + 1e-9)] ?? 0;
  return chatter.filter((probability) => probability > loudest).length / chatter.length;
}

/**
 * Finds the score from which a message is in scope, so that an unseen one of those that are is so with a probability of
 * at least `recall`: the quantile of split conformal prediction (Vovk et al., 2005).
 * @returns undefined where there are too few rows for such a promise
 */
export function fitScope(scores: readonly number[], recall: number): number | undefined {
  return scores.toSorted((a, b) => a - b)[Math.floor((1 - recall) * (scores.length + 1) + 1e-9) - 1];
}

type Tally = { rows: number; right: number };

function newTally(): Tally {
  return { rows: 0, right: 0 };
}

function count(tally: Tally, { truth, answer }: Judged): void {
  tally.rows += 1;
  if (truth === answer) tally.right += 1;
}
