import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { orDiskFull } from '../../models/disk.ts';
import { FULL, SERVED, WEIGHTS } from '../../models/folder.ts';
import { encode, head } from '../bert.ts';
import { encodeOnnx, type Initializer } from '../tracer/onnx.ts';
import { type DynamicGraph, type InputSpec, trace } from '../tracer/trace.ts';
import { lookup } from '../training/step.ts';
import { type BertConfig, type HeadSizes, parameterShapes, WORDS } from './bert-config.ts';
import { type Checkpoint, TOKENIZER_FILES } from './checkpoint.ts';
import { quantize } from './quantize.ts';
import { type NamedArray, safetensorsSize, writeSafetensors } from './safetensors.ts';

/**
 * Writes everything of a model folder but its manifest: config and tokenizer, the weights for Hugging Face tools, the
 * float32 and the int8 graph.
 * @returns paths of the files, relative to `dir`
 * @throws `disk_full`, and leaves what was written by then to the caller
 */
export async function exportModel(
  dir: string,
  { dir: baseDir, config, rawConfig }: Pick<Checkpoint, 'dir' | 'config' | 'rawConfig'>,
  heads: HeadSizes,
  weights: ReadonlyMap<string, NamedArray>,
): Promise<string[]> {
  const graph = traceForward(config, heads);
  const stored = new Map<string, Initializer>([...weights].map(([name, { shape, values }]) => [name, { type: 'float32', shape, values }]));
  const small = quantize(graph, stored);
  const files = new Map<string, Uint8Array>([
    ['config.json', Buffer.from(`${JSON.stringify({ ...rawConfig, architectures: ['BertModel'] }, null, 1)}\n`)],
    [FULL, encodeOnnx(graph, { sizesFrom: 'attention_mask', weights: stored })],
    [SERVED, encodeOnnx(small.graph, { sizesFrom: 'attention_mask', weights: small.weights })],
  ]);
  for (const file of TOKENIZER_FILES) {
    const from = path.join(baseDir, file);
    if ((await stat(from).catch(() => undefined)) !== undefined) files.set(file, await readFile(from));
  }
  const bytes = [...files.values()].reduce((sum, content) => sum + content.length, safetensorsSize(weights));
  await orDiskFull('the model', path.dirname(dir), bytes, async () => {
    await mkdir(path.join(dir, 'onnx'), { recursive: true });
    for (const [file, content] of files) await writeFile(path.join(dir, file), content, { flush: true });
    await writeSafetensors(path.join(dir, WEIGHTS), weights);
  });
  return [...files.keys(), WEIGHTS];
}

/**
 * The served function as a graph: `input_ids` and `attention_mask` `[batch, sequence]` (int64) to `intent_logits`,
 * `priority_logits` and the pooled embedding `[batch, hidden]`.
 */
export function traceForward(config: BertConfig, heads: HeadSizes): DynamicGraph {
  const shapes = new Map([[WORDS, [config.vocab_size, config.hidden_size]], ...parameterShapes(config, heads)]);
  const inputs: Record<string, InputSpec> = {
    input_ids: { shape: ['batch', 'sequence'], type: 'int64' },
    attention_mask: { shape: ['batch', 'sequence'], type: 'int64' },
    ...Object.fromEntries([...shapes].map(([name, shape]) => [name, { shape }])),
  };
  return trace(inputs, (given, size) => {
    const weights = lookup(new Map(Object.entries(given)));
    const mask = tf.cast(weights('attention_mask'), 'float32') as tf.Tensor2D;
    const rows = tf.gather(weights(WORDS), weights('input_ids'));
    const words = tf.reshape(rows, [size.batch * size.sequence, config.hidden_size]) as tf.Tensor2D;
    const pooled = encode(config, weights, words, mask, size, (x) => x);
    return {
      intent_logits: head(config, 'intent', weights, pooled),
      priority_logits: head(config, 'priority', weights, pooled),
      embedding: pooled,
    };
  });
}
