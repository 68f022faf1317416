import { createHash } from 'node:crypto';
import type { DataSet, Row } from '../data/row.ts';
import { sameness } from '../data/sameness.ts';

/** What a team said about one ticket, and what the model had said. */
export type TicketFeedback = {
  ticketId: string;
  text: string;
  /** the current word of each person and kind */
  words: { userId: string; kind: 'category' | 'priority' | 'intent' | 'verdict'; value: string; eventTs: string }[];
  prediction: { category: string; priority: string; intent: string } | null;
};

export type Blend = { train: Row[]; heldOut: Row[] };

/** One row in so many is held out of training: of data that was written beforehand, and of the team's own. */
const HELD_OUT = { corpus: 20, feedback: 5 } as const;

/**
 * Joins the sources to one training set and one held-out set. What was written to be held out is; of the rest, which side
 * a row falls on follows from its text alone. So every model, old and new, is measured on rows that none was trained on.
 * A text that the team corrected loses the labels that it came with.
 */
export function blend(corpora: readonly DataSet[], feedback: readonly TicketFeedback[]): Blend {
  const corrections = feedback.map(labelOfTicket).filter((row) => row !== undefined);
  const corrected = new Set(corrections.map((row) => sameness(row.text)));
  const rows = [...corpora.flatMap((corpus) => corpus.rows).filter((row) => !corrected.has(sameness(row.text))), ...corrections];
  const reserved = new Set(rows.filter((row) => row.heldOut).map((row) => sameness(row.text)));
  const aside = (row: Row) => reserved.has(sameness(row.text)) || isHeldOut(row);
  return { train: rows.filter((row) => !aside(row)), heldOut: rows.filter(aside) };
}

/**
 * The label that a ticket's feedback amounts to. Of several people the majority counts, of equals the latest; "right"
 * confirms the category and priority that were predicted.
 * @returns undefined where nothing is known, as after a mere "wrong"
 */
export function labelOfTicket({ text, words, prediction }: TicketFeedback): Row | undefined {
  const votes = (kind: 'category' | 'priority' | 'intent') => {
    const direct = words.filter((word) => word.kind === kind);
    const confirmed =
      prediction === null || kind === 'intent'
        ? []
        : words.filter((word) => word.kind === 'verdict' && word.value === 'right').map((word) => ({ ...word, value: prediction[kind] }));
    // A person who names a label and says "right" means the label that was named.
    return [...direct, ...confirmed.filter((word) => !direct.some((other) => other.userId === word.userId))];
  };
  const label = { category: winner(votes('category')), priority: winner(votes('priority')), intent: winner(votes('intent')) };
  if (label.category === undefined && label.priority === undefined && label.intent === undefined) return undefined;
  return {
    text,
    source: 'feedback',
    ...(label.intent === undefined ? {} : { intent: label.intent }),
    ...(label.category === undefined ? {} : { category: label.category }),
    ...(label.priority === undefined ? {} : { priority: label.priority }),
  };
}

/** Whether a row is kept out of training by its text. */
export function isHeldOut({ text, source }: Pick<Row, 'text' | 'source'>): boolean {
  const every = source === 'feedback' ? HELD_OUT.feedback : HELD_OUT.corpus;
  return createHash('sha256').update(sameness(text)).digest().readUInt32BE(0) % every === 0;
}

function winner(votes: { value: string; eventTs: string }[]): string | undefined {
  const tally = new Map<string, { count: number; latest: number }>();
  for (const { value, eventTs } of votes) {
    const { count, latest } = tally.get(value) ?? { count: 0, latest: 0 };
    tally.set(value, { count: count + 1, latest: Math.max(latest, Number(eventTs)) });
  }
  return [...tally].sort(([, a], [, b]) => b.count - a.count || b.latest - a.latest)[0]?.[0];
}
