import type { Classifier } from '../../models/classification.ts';

/** ms that each message takes, one after the other. */
export async function timeEach(classifier: Classifier, texts: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const text of texts) {
    const started = performance.now();
    await classifier.classify([text]);
    times.push(performance.now() - started);
  }
  return times;
}

/** ms that all messages take, in batches. */
export async function timeTogether(classifier: Classifier, texts: readonly string[]): Promise<number> {
  const started = performance.now();
  await classifier.classify(texts);
  return performance.now() - started;
}
