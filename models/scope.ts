import { z } from 'zod';

/** Ways to tell from the intent logits of a message how much it is like those that the model learnt from. */
export const SCOPE_SCORES = {
  /** largest softmax probability (Hendrycks and Gimpel, 2017), 0 to 1 */
  probability: (logits: Float32Array) => 1 / powersOf(logits).sum,
  /** log-sum-exp of the logits: the negative free energy (Liu et al., 2020) */
  energy: (logits: Float32Array) => powersOf(logits).largest + Math.log(powersOf(logits).sum),
  /** largest logit (Hendrycks et al., 2022) */
  logit: (logits: Float32Array) => powersOf(logits).largest,
} as const satisfies Record<string, (logits: Float32Array) => number>;

export const scopeScoreSchema = z.enum(['probability', 'energy', 'logit']);
export type ScopeScore = z.infer<typeof scopeScoreSchema>;

/** How much a message is like those that the model learnt from; the higher, the more. Takes the intent logits `[intents]`. */
export function scopeOf(score: ScopeScore, logits: Float32Array): number {
  return SCOPE_SCORES[score](logits);
}

/**
 * Cosine of a message's embedding `[hidden]` to the nearest class mean; the higher, the more it is like what was learnt.
 * @param means one embedding for each class, `[classes][hidden]`
 */
export function nearestMean(embedding: Float32Array, means: readonly Float32Array[]): number {
  return means.reduce((nearest, mean) => Math.max(nearest, cosine(embedding, mean)), -1);
}

/** The largest logit, and the sum of the powers of all relative to it, which no logit overflows. */
function powersOf(logits: Float32Array): { largest: number; sum: number } {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return { largest, sum: logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0) };
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b) || 1);
}
