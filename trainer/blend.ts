import { createHash } from 'node:crypto';
import type { DataSet, Row } from '../data/row.ts';
import { sameness } from '../data/sameness.ts';
import { CHATTER, type Labels } from '../labels.ts';

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
export function blend(corpora: readonly DataSet[], corrections: readonly Row[]): Blend {
  const corrected = new Set(corrections.map((row) => sameness(row.text)));
  const rows = [...corpora.flatMap((corpus) => corpus.rows).filter((row) => !corrected.has(sameness(row.text))), ...corrections];
  const reserved = new Set(rows.filter((row) => row.heldOut).map((row) => sameness(row.text)));
  const aside = (row: Row) => reserved.has(sameness(row.text)) || isHeldOut(row);
  return { train: rows.filter((row) => !aside(row)), heldOut: rows.filter(aside) };
}

/**
 * The labels that the team's feedback amounts to, of tickets of which anything is known.
 * @returns and how many words were left out, since they name labels that the taxonomy no longer has
 */
export function correctionsOf(feedback: readonly TicketFeedback[], labels: Labels): { rows: Row[]; unknown: number } {
  const ids = {
    category: new Set([...labels.categories.map(({ id }) => id), CHATTER]),
    priority: new Set(labels.priorities.map(({ id }) => id)),
    intent: new Set(labels.intents.map(({ id }) => id)),
    verdict: new Set(['right', 'wrong']),
  };
  const stands = (prediction: TicketFeedback['prediction']) =>
    prediction !== null && ids.category.has(prediction.category) && ids.priority.has(prediction.priority);
  const known = feedback.map((ticket) => ({
    ...ticket,
    words: ticket.words.filter(({ kind, value }) => ids[kind].has(value)),
    prediction: stands(ticket.prediction) ? ticket.prediction : null,
  }));
  const count = (tickets: readonly TicketFeedback[]) => tickets.reduce((sum, { words }) => sum + words.length, 0);
  return {
    rows: known.flatMap((ticket) => labelOfTicket(ticket, labels) ?? []),
    unknown: count(feedback) - count(known),
  };
}

/**
 * The label that a ticket's words amount to. Of several people the majority counts, of equals the latest; "right"
 * confirms what the reply said then: the category and priority that somebody had named before, else the predicted ones.
 * An intent of another category than that does not count.
 */
function labelOfTicket({ text, words, prediction }: TicketFeedback, labels: Labels): Row | undefined {
  const direct = (kind: 'category' | 'priority' | 'intent') => words.filter((word) => word.kind === kind);
  const votes = (kind: 'category' | 'priority') => {
    const named = direct(kind);
    const confirmed = words
      .filter((word) => word.kind === 'verdict' && word.value === 'right')
      // A person who names a label and says "right" means the label that was named.
      .filter((word) => !named.some((other) => other.userId === word.userId))
      .flatMap((word) => {
        const value = latest(named.filter((other) => Number(other.eventTs) <= Number(word.eventTs))) ?? prediction?.[kind];
        return value === undefined ? [] : [{ ...word, value }];
      });
    return winner([...named, ...confirmed]);
  };
  const [category, priority] = [votes('category'), votes('priority')];
  if (category === CHATTER) return { text, source: 'feedback', chatter: true };
  const fits = (intent: string) => category === undefined || labels.intents.some((one) => one.id === intent && one.category === category);
  const intent = winner(direct('intent').filter(({ value }) => fits(value)));
  if (category === undefined && priority === undefined && intent === undefined) return undefined;
  return {
    text,
    source: 'feedback',
    ...(intent === undefined ? {} : { intent }),
    ...(category === undefined ? {} : { category }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Whether a row is kept out of training by its text. */
export function isHeldOut({ text, source }: Pick<Row, 'text' | 'source'>): boolean {
  const every = source === 'feedback' ? HELD_OUT.feedback : HELD_OUT.corpus;
  return createHash('sha256').update(sameness(text)).digest().readUInt32BE(0) % every === 0;
}

function latest(words: { value: string; eventTs: string }[]): string | undefined {
  return words.toSorted((a, b) => Number(b.eventTs) - Number(a.eventTs))[0]?.value;
}

function winner(votes: { value: string; eventTs: string }[]): string | undefined {
  const tally = new Map<string, { count: number; latest: number }>();
  for (const { value, eventTs } of votes) {
    const { count, latest } = tally.get(value) ?? { count: 0, latest: 0 };
    tally.set(value, { count: count + 1, latest: Math.max(latest, Number(eventTs)) });
  }
  return [...tally].sort(([, a], [, b]) => b.count - a.count || b.latest - a.latest)[0]?.[0];
}
