import type { Output } from '../../models/inference.ts';

/** How the intents of the nearest training messages count beside the network's own answer. */
export type Neighbours = { most: number; temperature: number; share: number };

/**
 * Mixes the network's probabilities with those of the nearest training messages by the cosine of their embeddings
 * (as in Khandelwal et al., "Generalization through memorization", 2020).
 * @param known training messages and the index of their intents
 * @returns for each message the index of the likeliest intent, at each setting
 */
export function likeliestBeside(
  answers: readonly Output[],
  known: readonly { embedding: Float32Array; intent: number }[],
  settings: readonly Neighbours[],
): number[][] {
  const places = known.map(({ embedding, intent }) => ({ embedding: unit(embedding), intent }));
  const near = answers.map(({ embedding }) => {
    const own = unit(embedding);
    return places
      .map(({ embedding: other, intent }) => ({ similarity: dot(own, other), intent }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, Math.max(...settings.map(({ most }) => most)));
  });
  return settings.map(({ most, temperature, share }) =>
    answers.map(({ intents }, i) => {
      const mixed = softmax(intents).map((probability) => (1 - share) * probability);
      const votes = (near[i] ?? [])
        .slice(0, most)
        .map(({ similarity, intent }) => ({ weight: Math.exp((similarity - 1) / temperature), intent }));
      const total = votes.reduce((sum, { weight }) => sum + weight, 0);
      for (const { weight, intent } of votes) mixed[intent] = (mixed[intent] ?? 0) + (share * weight) / total;
      return mixed.indexOf(Math.max(...mixed));
    }),
  );
}

function softmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return vector.map((value) => value / length);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
