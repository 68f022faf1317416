import { createHash } from 'node:crypto';
import type { Row } from '../../data/row.ts';
import type { Classification } from '../../models/classification.ts';

/** A message of a test part, with its labels, and what the model answered. */
export type Sample = { row: Row; answer: Classification };

/** The most confident of some mistakes, and how many there are of the kind, in so many messages that could have it. */
export type Mistakes = { shown: Sample[]; count: number; among: number };

export type Samples = {
  /** messages that could be shown */
  messages: number;
  /** drawn by the hash of the text: the same for every model */
  drawn: Sample[];
  wrongCategory: Mistakes;
  wrongPriority: Mistakes;
  /** chatter that was taken for a ticket */
  missedChatter: Mistakes;
  /** tickets that were taken for chatter, so that nobody would be answered */
  silenced: Mistakes;
};

const DRAWN = 60;
const MISTAKES = 20;

/**
 * Chooses answers to show. The rule does not look at the answers where it draws, and where it looks at them it takes what is
 * worst: mistakes, those first that were made with the most confidence. Rows of the seed corpus alone are shown, since other
 * corpora are not this project's to spread.
 * @param sizes how many to draw, and how many mistakes of each kind to show
 */
export function chooseSamples(
  rows: readonly Row[],
  answers: readonly Classification[],
  { drawn, mistakes }: { drawn: number; mistakes: number } = { drawn: DRAWN, mistakes: MISTAKES },
): Samples {
  const all = rows.flatMap((row, i): Sample[] => {
    const answer = answers[i];
    return answer === undefined || row.source !== 'seed' ? [] : [{ row, answer }];
  });
  const worst = (could: (row: Row) => boolean, isWrong: (sample: Sample) => boolean, confidence: (answer: Classification) => number) => {
    const among = all.filter(({ row }) => could(row));
    const wrong = among.filter(isWrong).sort((a, b) => confidence(b.answer) - confidence(a.answer));
    return { shown: wrong.slice(0, mistakes), count: wrong.length, among: among.length };
  };
  const wrongLabel = (kind: 'category' | 'priority') =>
    worst(
      (row) => row[kind] !== undefined,
      ({ row, answer }) => row[kind] !== answer[kind].id,
      (answer) => answer[kind].probability,
    );
  return {
    messages: all.length,
    drawn: all
      .map((sample) => ({ sample, hash: createHash('sha256').update(sample.row.text).digest('hex') }))
      .sort((a, b) => (a.hash < b.hash ? -1 : 1))
      .slice(0, drawn)
      .map(({ sample }) => sample),
    wrongCategory: wrongLabel('category'),
    wrongPriority: wrongLabel('priority'),
    missedChatter: worst(
      (row) => row.chatter === true,
      ({ answer }) => !answer.silent,
      (answer) => 1 - answer.chatter,
    ),
    silenced: worst(
      (row) => row.chatter !== true,
      ({ answer }) => answer.silent,
      (answer) => answer.chatter,
    ),
  };
}
