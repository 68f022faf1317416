import * as tf from '@tensorflow/tfjs-core';
import type { BertConfig } from './network/bert-config.ts';
import { gelu, layerNorm, linear } from './network/layers.ts';
import type { Size } from './tracer/trace.ts';

/** The parameters of a model by their Hugging Face names; throws on a name that is not there. */
export type Weights = (name: string) => tf.Tensor;

/** Dropout at one place, on `x [rows, width]`; the identity when the model is not being trained. */
export type Dropout = (x: tf.Tensor2D) => tf.Tensor2D;

/** Rows of `x` at each place where {@link encode} calls its dropout, in the order of the calls. */
export function dropoutPlaces({ num_hidden_layers, pooling }: BertConfig): ('tokens' | 'batch')[] {
  const last = pooling === 'mean' ? 'tokens' : 'batch';
  return [...Array.from({ length: 2 * num_hidden_layers - 1 }, () => 'tokens' as const), last, last];
}

/**
 * BERT (Devlin et al., 2019): from the word embeddings of a batch to one vector for each message. Where that is not a mean of
 * all last states, the last layer is computed for the one that is read: of its twelve parts of the work two are left, those of
 * keys and values.
 * @param words word embeddings of the tokens, `[batch * sequence, hidden]`
 * @param mask 1 for tokens, 0 for padding, `[batch, sequence]`
 * @returns `[batch, hidden]`, pooled as `config.pooling` says
 */
export function encode(
  config: BertConfig,
  weights: Weights,
  words: tf.Tensor2D,
  mask: tf.Tensor2D,
  size: Size,
  dropout: Dropout,
): tf.Tensor2D {
  const { pooling, num_hidden_layers: layers } = config;
  const norm = (x: tf.Tensor, name: string) =>
    layerNorm(x as tf.Tensor2D, weights(`${name}.LayerNorm.weight`), weights(`${name}.LayerNorm.bias`), config.layer_norm_eps);
  const dense = (x: tf.Tensor2D, name: string) => linear(x, weights(`${name}.weight`), weights(`${name}.bias`));
  const attentionBias = tf.reshape(tf.mul(tf.sub(mask, 1), 1e9), [size.batch, 1, 1, size.sequence]);
  /** One layer, for the states `asking`, which attend to those of all tokens. */
  const layer = (name: string, asking: tf.Tensor2D, x: tf.Tensor2D) => {
    const context = attend(config, dense, asking, x, `${name}.attention.self`, attentionBias, size);
    const attended = dropout(dense(context, `${name}.attention.output.dense`));
    const y = norm(tf.add(asking, attended), `${name}.attention.output`);
    const fed = dropout(dense(gelu(dense(y, `${name}.intermediate.dense`)), `${name}.output.dense`));
    return norm(tf.add(y, fed), `${name}.output`);
  };

  let x = dropout(norm(embed(config, weights, words, size), 'embeddings'));
  for (let i = 0; i < layers - 1; i++) x = layer(`encoder.layer.${i}`, x, x);
  const last = (asking: tf.Tensor2D) => layer(`encoder.layer.${layers - 1}`, asking, x);
  if (pooling === 'mean') return mean(last(x), mask, size);
  if (pooling === 'cls') return tf.tanh(dense(last(firstTokens(x, size)), 'pooler.dense'));
  return last(mean(x, mask, size));
}

/** The mean over the tokens of each message: `[batch * sequence, hidden]` to `[batch, hidden]`. */
function mean(x: tf.Tensor2D, mask: tf.Tensor2D, { batch, sequence }: Size): tf.Tensor2D {
  const tokens = tf.reshape(mask, [batch, sequence, 1]);
  return tf.div(tf.sum(tf.mul(tf.reshape(x, [batch, sequence, x.shape[1]]), tokens), 1), tf.sum(tokens, 1)) as tf.Tensor2D;
}

/** `[CLS]` of each message: `[batch * sequence, hidden]` to `[batch, hidden]`. */
function firstTokens(x: tf.Tensor2D, { batch, sequence }: Size): tf.Tensor2D {
  const width = x.shape[1];
  return tf.reshape(tf.slice(tf.reshape(x, [batch, sequence, width]), [0, 0, 0], [batch, 1, width]), [batch, width]);
}

/** Factor of the cosine head: its logits lie between -20 and 20. */
const COSINE_SCALE = 20;

/** Logits of a head on the pooled output, `[batch, labels]`. */
export function head({ head }: BertConfig, name: 'intent' | 'priority', weights: Weights, pooled: tf.Tensor2D): tf.Tensor2D {
  const [weight, bias] = [weights(`${name}_head.weight`) as tf.Tensor2D, weights(`${name}_head.bias`)];
  if (head === 'linear') return linear(pooled, weight, bias);
  return linear(tf.mul(normalise(pooled), COSINE_SCALE), normalise(weight), bias);
}

/** Rows at length 1. */
function normalise(x: tf.Tensor2D): tf.Tensor2D {
  return tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12)));
}

function embed({ hidden_size }: BertConfig, weights: Weights, words: tf.Tensor2D, { batch, sequence }: Size): tf.Tensor2D {
  const positions = tf.slice(weights('embeddings.position_embeddings.weight'), [0, 0], [sequence, hidden_size]);
  const segment = tf.slice(weights('embeddings.token_type_embeddings.weight'), [0, 0], [1, hidden_size]);
  const x = tf.add(tf.reshape(words, [batch, sequence, hidden_size]), tf.add(positions, segment));
  return tf.reshape(x, [batch * sequence, hidden_size]);
}

/** Multi-head attention of `asking [batch * queries, hidden]` to `x [batch * sequence, hidden]`. */
function attend(
  { hidden_size, num_attention_heads: heads }: BertConfig,
  dense: (x: tf.Tensor2D, name: string) => tf.Tensor2D,
  asking: tf.Tensor2D,
  x: tf.Tensor2D,
  name: string,
  bias: tf.Tensor,
  { batch }: Size,
): tf.Tensor2D {
  const width = hidden_size / heads;
  const split = (t: tf.Tensor2D) => tf.transpose(tf.reshape(t, [batch, t.shape[0] / batch, heads, width]), [0, 2, 1, 3]);
  const query = tf.mul(split(dense(asking, `${name}.query`)), 1 / Math.sqrt(width)); // here ONNX Runtime takes it into the product
  const key = split(dense(x, `${name}.key`));
  const value = split(dense(x, `${name}.value`));
  const scores = tf.add(tf.matMul(query, key, false, true), bias);
  const context = tf.matMul(tf.softmax(scores), value);
  return tf.reshape(tf.transpose(context, [0, 2, 1, 3]), asking.shape);
}
