import { z } from 'zod';
import { CHATTER } from '../labels.ts';
import type { Classification } from './classification.ts';
import { scopeOf, scopeScoreSchema } from './scope.ts';

/** The precision that the bot promises of what it tells; below, it asks. */
export const PROMISE = 0.95;

const probability = z.number().min(0).max(1);

/** What a model's answers are decided by, fitted on held-out rows. */
export const decisionsSchema = z.strictObject({
  /** for each promised precision the confidence from which a category is told; null: never */
  promises: z.array(
    z.strictObject({
      precision: probability,
      thresholds: z.array(z.strictObject({ category: z.string(), confidence: probability.nullable() })),
    }),
  ),
  /** P(chatter) from which a message is taken for chatter; absent: where chatter is the most probable intent */
  chatter: probability.optional(),
  /** the score from which a message is like those that the model learnt from; absent: any is */
  scope: z.strictObject({ score: scopeScoreSchema, threshold: z.number() }).optional(),
});

export type Decisions = z.infer<typeof decisionsSchema>;

/** What is decided of a message. */
export type Decided = Pick<Classification, 'promises' | 'inScope' | 'sure' | 'silent'>;

/**
 * Decides what may be done with an answer.
 * @param logits of the intents, `[intents]`
 * @param decisions absent in models from before there were any: their answers are all told, and silence is where chatter
 * is the most probable intent
 */
export function decide(
  { category, intent, chatter }: Pick<Classification, 'category' | 'intent' | 'chatter'>,
  logits: Float32Array,
  decisions: Decisions | undefined,
): Decided {
  const promises = (decisions?.promises ?? []).map(({ precision, thresholds }) => {
    const threshold = thresholds.find((one) => one.category === category.id)?.confidence ?? null;
    return { precision, kept: threshold !== null && category.probability >= threshold };
  });
  const scope = decisions?.scope;
  const inScope = scope === undefined || scopeOf(scope.score, logits) >= scope.threshold;
  const kept = promises.find(({ precision }) => precision === PROMISE)?.kept ?? true;
  const silent = decisions?.chatter === undefined ? intent.id === CHATTER : chatter >= decisions.chatter;
  return { promises, inScope, sure: kept && inScope, silent };
}
