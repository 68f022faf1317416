/** Logits of one row and the classes that its label allows. */
export type LabelledLogits = { logits: Float32Array; allowed: readonly number[] };

const RANGE = { from: 0.3, to: 5 } as const;

/**
 * The temperature that makes probabilities honest: it minimises the negative log-likelihood of held-out labels (Guo et
 * al., 2017), found by golden-section search on its logarithm.
 * @returns 1 where there are no rows
 */
export function fitTemperature(rows: readonly LabelledLogits[]): number {
  if (rows.length === 0) return 1;
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(RANGE.from), Math.log(RANGE.to)];
  for (let i = 0; i < 40; i++) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (negativeLogLikelihood(rows, Math.exp(a)) < negativeLogLikelihood(rows, Math.exp(b))) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

/** Mean over the rows of `-log sum_{c allowed} softmax(logits / temperature)_c`. */
export function negativeLogLikelihood(rows: readonly LabelledLogits[], temperature: number): number {
  let sum = 0;
  for (const { logits, allowed } of rows) {
    const all = logSumExp(Array.from(logits, (logit) => logit / temperature));
    sum += all - logSumExp(allowed.map((i) => (logits[i] ?? 0) / temperature));
  }
  return sum / Math.max(1, rows.length);
}

function logSumExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
