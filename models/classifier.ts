import path from 'node:path';
import { AutoModel, env, type PreTrainedModel, Tensor } from '@huggingface/transformers';
import { messageOf, TicketwiseError } from '../errors.ts';
import { CHATTER, type Labels } from '../labels.ts';
import { cutBatches } from './batching.ts';
import { type Classification, type Classifier, MAX_TEXT, type Scored } from './classification.ts';
import { FULL, isServing, readModelFolder, SERVED } from './folder.ts';
import type { Manifest } from './manifest.ts';
import { openTokenizer } from './tokenizer.ts';

export type ClassifierOptions = {
  /** int8 is what bots serve; fp32 is for comparison. Default int8 */
  precision?: 'int8' | 'fp32';
  /** threads of one inference. Default 1: a short message gains nothing from more */
  threads?: number;
};

/** Most messages, and most tokens with padding, in one inference. */
const BATCH = { rows: 32, tokens: 4096 };

/** Most probable intents that a classification lists. */
const INTENTS = 3;

/**
 * Opens the model in a folder, in this thread, which every inference holds until it is done.
 * @throws `bad_model` when the folder is damaged or its file is no model of its labels
 */
export async function openClassifier(dir: string, { precision = 'int8', threads = 1 }: ClassifierOptions = {}): Promise<Classifier> {
  const file = precision === 'int8' ? SERVED : FULL;
  const folder = await readModelFolder(dir, (name) => isServing(name) || name === file);
  const { manifest, version } = folder;
  const [tokenize, model] = await Promise.all([openTokenizer(dir, manifest.maxTokens), load(dir, precision, threads)]);
  return {
    version,
    labels: manifest.labels,
    async classify(texts) {
      const encoded = texts.map((text, i) => ({ text, index: i, ids: tokenize(checkText(text)) }));
      const results: Classification[] = new Array(texts.length);
      const sorted = encoded.toSorted((a, b) => a.ids.length - b.ids.length); // little is padded among like lengths
      for (const batch of cutBatches(sorted, (item) => item.ids.length, BATCH)) {
        const answers = await infer(
          model,
          batch.map((item) => item.ids),
          manifest,
          dir,
        );
        batch.forEach(({ index, text }, row) => {
          results[index] = { text, ...readAnswer(answers[row] as Answer, manifest), model: version };
        });
      }
      return results;
    },
    async dispose() {
      await model.dispose();
    },
  };
}

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

async function load(dir: string, precision: 'int8' | 'fp32', threads: number): Promise<PreTrainedModel> {
  env.allowRemoteModels = false;
  const session_options = { intraOpNumThreads: threads, interOpNumThreads: 1, extra: { session: { intra_op: { allow_spinning: '0' } } } };
  const dtype = precision === 'int8' ? 'q8' : 'fp32';
  return AutoModel.from_pretrained(path.resolve(dir), { local_files_only: true, dtype, device: 'cpu', session_options }).catch(
    (cause: unknown) => {
      throw new TicketwiseError('bad_model', `The model in ${dir} cannot be loaded: ${messageOf(cause)}`, { cause });
    },
  );
}

/** Logits of one message. */
type Answer = { intents: Float32Array; priorities: Float32Array };

async function infer(model: PreTrainedModel, batch: number[][], { labels }: Manifest, dir: string): Promise<Answer[]> {
  const sequence = Math.max(...batch.map((ids) => ids.length));
  const shape = [batch.length, sequence];
  const ids = new BigInt64Array(batch.length * sequence);
  const mask = new BigInt64Array(batch.length * sequence);
  batch.forEach((row, i) => {
    row.forEach((id, k) => {
      ids[i * sequence + k] = BigInt(id);
    });
    mask.fill(1n, i * sequence, i * sequence + row.length);
  });
  const output: Record<string, Tensor> = await model({
    input_ids: new Tensor('int64', ids, shape),
    attention_mask: new Tensor('int64', mask, shape),
  });
  const intents = rowsOf(output.intent_logits, batch.length, labels.intents.length, dir);
  const priorities = rowsOf(output.priority_logits, batch.length, labels.priorities.length, dir);
  for (const tensor of Object.values(output)) tensor.dispose();
  return batch.map((_, i) => ({ intents: intents[i] as Float32Array, priorities: priorities[i] as Float32Array }));
}

function rowsOf(tensor: Tensor | undefined, rows: number, width: number, dir: string): Float32Array[] {
  const data = tensor?.data as Float32Array | undefined;
  if (data === undefined || data.length !== rows * width)
    throw new TicketwiseError('bad_model', `The model in ${dir} does not answer for the ${width} labels of its manifest. Train it again.`);
  return Array.from({ length: rows }, (_, i) => data.slice(i * width, (i + 1) * width));
}

function readAnswer({ intents, priorities }: Answer, { labels, temperature }: Manifest): Omit<Classification, 'text' | 'model'> {
  const intentScores = score(labels.intents, softmax(intents, temperature.intent));
  const priorityScores = score(labels.priorities, softmax(priorities, temperature.priority));
  return { ...summarise(intentScores, labels), priority: first(priorityScores), priorities: priorityScores };
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

function score(labels: { id: string }[], probabilities: number[]): Scored[] {
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
