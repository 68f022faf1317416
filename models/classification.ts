import { TicketwiseError } from '../errors.ts';
import type { Labels } from '../labels.ts';

/** A label and how probable it is, 0 to 1. */
export type Scored = { id: string; probability: number };

/** What the model says of one message. Lists are sorted, most probable first. */
export type Classification = {
  text: string;
  /** the most probable of `categories` */
  category: Scored;
  priority: Scored;
  intent: Scored;
  /** every category: the sum of its intents; together with `chatter` they sum to 1 */
  categories: Scored[];
  priorities: Scored[];
  /** the three most probable intents */
  intents: Scored[];
  /** probability that the message is no ticket at all */
  chatter: number;
  /** each precision that the model was fitted for, and whether the category's confidence keeps it; none in older models */
  promises: { precision: number; kept: boolean }[];
  /** whether the message is like those that the model learnt from */
  inScope: boolean;
  /** whether the category may be told: it is in scope and keeps the promise of the bot. Otherwise it is asked for */
  sure: boolean;
  /** whether the message is taken for no ticket at all, so that nothing is said */
  silent: boolean;
  /** version of the model that answered */
  model: string;
};

/** Whatever classifies: in this thread, in a worker, or a fake in a test. */
export type Classifier = {
  /** content hash of the model folder */
  readonly version: string;
  readonly labels: Labels;
  /**
   * Classifies messages, in order.
   * @throws `bad_text` when one is empty or longer than {@link MAX_TEXT}
   */
  classify(texts: readonly string[]): Promise<Classification[]>;
  /** Waits for what is under way, then frees the model. */
  dispose(): Promise<void>;
};

/** Longest message that is classified, in characters; of longer ones only the first tokens would count anyway. */
export const MAX_TEXT = 10_000;

/**
 * Refuses what cannot be classified.
 * @throws `bad_text`
 */
export function checkText(text: string): string {
  if (text.trim() === '') throw new TicketwiseError('bad_text', 'The message is empty. Expected some text to classify.');
  if (text.length > MAX_TEXT)
    throw new TicketwiseError(
      'bad_text',
      `The message has ${text.length} characters; at most ${MAX_TEXT} are classified. Shorten it to what the problem is.`,
    );
  return text;
}
