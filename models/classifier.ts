import { CHATTER, type Labels } from '../labels.ts';
import { type Classification, type Classifier, checkText, type Scored } from './classification.ts';
import { decide } from './decisions.ts';
import { type InferenceOptions, type Output, openInference } from './inference.ts';
import type { Manifest } from './manifest.ts';

/** Most probable intents that a classification lists. */
const INTENTS = 3;

/**
 * Opens the model in a folder, in this thread, which every inference holds until it is done.
 * @throws `bad_model` when the folder is damaged or its file is no model of its labels
 */
export async function openClassifier(dir: string, options: InferenceOptions = {}): Promise<Classifier> {
  const inference = await openInference(dir, options);
  const { manifest, version } = inference.folder;
  return {
    version,
    labels: manifest.labels,
    async classify(texts) {
      const outputs = await inference.run(texts.map(checkText));
      return texts.map((text, i) => ({ text, ...interpret(outputs[i] as Output, manifest), model: version }));
    },
    dispose: () => inference.dispose(),
  };
}

/** Turns logits into calibrated probabilities of labels, and decides what may be done with them. */
export function interpret(
  { intents, priorities }: Pick<Output, 'intents' | 'priorities'>,
  { labels, temperature, decisions }: Pick<Manifest, 'labels' | 'temperature' | 'decisions'>,
): Omit<Classification, 'text' | 'model'> {
  const intentScores = scored(labels.intents, softmax(intents, temperature.intent));
  const priorityScores = scored(labels.priorities, softmax(priorities, temperature.priority));
  const summary = summarise(intentScores, labels);
  return { ...summary, priority: first(priorityScores), priorities: priorityScores, ...decide(summary, intents, decisions) };
}

/** Sums intents to categories. Lists come sorted, most probable first. */
export function summarise(
  intents: Scored[],
  labels: Labels,
): Pick<Classification, 'category' | 'categories' | 'intent' | 'intents' | 'chatter'> {
  const probability = new Map(intents.map(({ id, probability }) => [id, probability]));
  const categories = labels.categories.map(({ id }) => ({
    id,
    probability: labels.intents
      .filter((intent) => intent.category === id)
      .reduce((sum, intent) => sum + (probability.get(intent.id) ?? 0), 0),
  }));
  const sorted = descending(categories);
  const ranked = descending(intents);
  return {
    category: first(sorted),
    categories: sorted,
    intent: first(ranked),
    intents: ranked.slice(0, INTENTS),
    chatter: probability.get(CHATTER) ?? 0,
  };
}

/** Softmax of logits divided by a temperature (Guo et al., 2017). */
export function softmax(logits: Float32Array, temperature: number): number[] {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function scored(labels: { id: string }[], probabilities: number[]): Scored[] {
  return descending(labels.map(({ id }, i) => ({ id, probability: probabilities[i] ?? 0 })));
}

function descending(scores: Scored[]): Scored[] {
  return scores.toSorted((a, b) => b.probability - a.probability);
}

function first(scores: Scored[]): Scored {
  const best = scores[0];
  if (best === undefined) throw new Error('a model has at least one label');
  return best;
}
