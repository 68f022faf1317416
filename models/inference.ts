import path from 'node:path';
import { AutoModel, env, type PreTrainedModel, Tensor } from '@huggingface/transformers';
import { messageOf, TicketwiseError } from '../errors.ts';
import { cutBatches } from './batching.ts';
import { FULL, isServing, type ModelFolder, readModelFolder, SERVED } from './folder.ts';
import { openTokenizer } from './tokenizer.ts';

export type InferenceOptions = {
  /** int8 is what bots serve; fp32 is for comparison. Default int8 */
  precision?: 'int8' | 'fp32';
  /** threads of one inference. Default 1: a short message gains nothing from more */
  threads?: number;
};

/** What the network computes for one message: logits of the heads `[intents]`, `[priorities]`, and its pooled embedding `[hidden]`. */
export type Output = { intents: Float32Array; priorities: Float32Array; embedding: Float32Array };

export type Inference = {
  folder: ModelFolder;
  /** Runs the network on messages; outputs come in their order. */
  run(texts: readonly string[]): Promise<Output[]>;
  dispose(): Promise<void>;
};

/** Most messages, and most tokens with padding, in one inference. */
const BATCH = { rows: 32, tokens: 4096 };

/**
 * Opens the exported network of a folder with transformers.js, in this thread.
 * @throws `bad_model` when the folder is damaged or its file is no model of its labels
 */
export async function openInference(dir: string, { precision = 'int8', threads = 1 }: InferenceOptions = {}): Promise<Inference> {
  const file = precision === 'int8' ? SERVED : FULL;
  const folder = await readModelFolder(dir, (name) => isServing(name) || name === file);
  const [tokenize, model] = await Promise.all([openTokenizer(dir, folder.manifest.maxTokens), load(dir, precision, threads)]);
  try {
    await infer(model, [tokenize('')], folder); // a file of other labels is refused here, not at the first message
  } catch (error) {
    await model.dispose();
    throw error;
  }
  return {
    folder,
    async run(texts) {
      const encoded = texts.map((text, index) => ({ index, ids: tokenize(text) }));
      const outputs: Output[] = new Array(texts.length);
      const sorted = encoded.toSorted((a, b) => a.ids.length - b.ids.length); // little is padded among like lengths
      for (const batch of cutBatches(sorted, (item) => item.ids.length, BATCH)) {
        const answers = await infer(
          model,
          batch.map((item) => item.ids),
          folder,
        );
        batch.forEach(({ index }, row) => {
          outputs[index] = answers[row] as Output;
        });
      }
      return outputs;
    },
    async dispose() {
      await model.dispose();
    },
  };
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

async function infer(model: PreTrainedModel, batch: number[][], { dir, manifest }: ModelFolder): Promise<Output[]> {
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
  const rows = (name: string, width?: number) =>
    rowsOf(output[name], batch.length, width, `The model in ${dir} has no output ${name} for the labels of its manifest.`);
  const [intents, priorities, embeddings] = [
    rows('intent_logits', manifest.labels.intents.length),
    rows('priority_logits', manifest.labels.priorities.length),
    rows('embedding'),
  ];
  for (const tensor of Object.values(output)) tensor.dispose();
  return batch.map((_, i) => ({
    intents: intents[i] as Float32Array,
    priorities: priorities[i] as Float32Array,
    embedding: embeddings[i] as Float32Array,
  }));
}

function rowsOf(tensor: Tensor | undefined, rows: number, expected: number | undefined, complaint: string): Float32Array[] {
  const data = tensor?.data as Float32Array | undefined;
  const width = expected ?? (data?.length ?? 0) / rows;
  if (data === undefined || data.length !== rows * width) throw new TicketwiseError('bad_model', `${complaint} Train it again.`);
  return Array.from({ length: rows }, (_, i) => data.slice(i * width, (i + 1) * width));
}
