import type { Row } from '../../data/row.ts';
import type { Classification } from '../../models/classification.ts';

/** What is told of messages, as a share of them, and how much of that is right. */
export type Told = { coverage: number; precision: number };

/** What a model keeps of its promises on rows that nothing was fitted to. */
export type Promises = {
  /** by the thresholds of each promised precision, of the rows with a category; `precision` is the one that came true */
  promises: ({ promised: number } & Told)[];
  /** by the decision of the bot: sure, and not taken for chatter */
  told: Told;
  /** share of the tickets that are taken for like those that the model learnt from */
  inScope: number;
};

/** Counts what a model keeps of its promises; undefined where it promises nothing, or no row has a category. */
export function keptPromises(rows: readonly Row[], answers: readonly Classification[]): Promises | undefined {
  const pairs = rows.flatMap((row, i) => {
    const answer = answers[i];
    return answer === undefined ? [] : [{ row, answer, right: row.category === answer.category.id }];
  });
  const labelled = pairs.filter(({ row }) => row.category !== undefined);
  const promised = labelled[0]?.answer.promises ?? [];
  if (promised.length === 0) return undefined;
  const told = (keeps: (answer: Classification) => boolean): Told => {
    const kept = labelled.filter(({ answer }) => keeps(answer));
    return { coverage: kept.length / labelled.length, precision: kept.filter(({ right }) => right).length / Math.max(1, kept.length) };
  };
  const tickets = pairs.filter(({ row }) => !row.chatter);
  return {
    promises: promised.map(({ precision }, i) => ({ promised: precision, ...told(({ promises }) => promises[i]?.kept === true) })),
    told: told(({ sure, silent }) => sure && !silent),
    inScope: tickets.filter(({ answer }) => answer.inScope).length / tickets.length,
  };
}
