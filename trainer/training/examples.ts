import type { Row } from '../../data/row.ts';
import { TicketwiseError } from '../../errors.ts';
import { CHATTER, type Labels } from '../../labels.ts';
import type { Tokenize } from '../../models/tokenizer.ts';
import type { Recipe } from './recipe.ts';

/** A row as the model learns from it. */
export type Example = {
  /** token ids, `[CLS]` and `[SEP]` included */
  ids: number[];
  /** indices of the intents that its label covers; undefined when nothing is known of intent and category */
  intents: number[] | undefined;
  /** indices of the intents of its category (of chatter, chatter itself); undefined when that is unknown */
  category: number[] | undefined;
  /** index of its priority, undefined when unknown */
  priority: number | undefined;
  /** a teacher's probability of each intent, undefined where there is none */
  teacher?: Float32Array | undefined;
  weight: number;
};

/**
 * What a row's labels say about the intents: the intent itself; for a category alone, every intent of it; for chatter,
 * chatter.
 * @throws `bad_data` on a label that the model does not have
 */
export function allowedIntents(
  row: Pick<Row, 'category' | 'chatter'> & { intent?: string | undefined },
  labels: Labels,
): number[] | undefined {
  const all = labels.intents.map((_, i) => i);
  if (row.chatter) return all.filter((i) => labels.intents[i]?.id === CHATTER);
  if (row.intent !== undefined)
    return known(
      all.filter((i) => labels.intents[i]?.id === row.intent),
      'intent',
      row.intent,
    );
  if (row.category !== undefined)
    return known(
      all.filter((i) => labels.intents[i]?.category === row.category),
      'category',
      row.category,
    );
  return undefined;
}

/** Index of a row's priority, undefined when it has none. */
export function priorityIndex(row: Pick<Row, 'priority'>, labels: Labels): number | undefined {
  if (row.priority === undefined) return undefined;
  const index = labels.priorities.findIndex((priority) => priority.id === row.priority);
  if (index < 0) throw new TicketwiseError('bad_data', `The priority "${row.priority}" is not one of the taxonomy.`);
  return index;
}

/** What a teacher answers to a message: the probability of each intent `[intents]`, undefined where it was not asked. */
export type Teacher = (text: string) => Float32Array | undefined;

/** Tokenises rows and resolves their labels; rows of weight 0 are left out. */
export function toExamples(
  rows: readonly Row[],
  labels: Labels,
  tokenize: Tokenize,
  weights: Recipe['sourceWeights'],
  teacher: Teacher = () => undefined,
): Example[] {
  return rows
    .filter((row) => weights[row.source] > 0)
    .map((row) => ({
      ids: tokenize(row.text),
      intents: allowedIntents(row, labels),
      category: allowedIntents({ ...row, intent: undefined }, labels),
      priority: priorityIndex(row, labels),
      teacher: teacher(row.text),
      weight: weights[row.source],
    }));
}

function known(indices: number[], kind: string, id: string): number[] {
  if (indices.length === 0) throw new TicketwiseError('bad_data', `The ${kind} "${id}" is not one of the taxonomy.`);
  return indices;
}
