import { z } from 'zod';
import { TicketwiseError } from '../../errors.ts';

const count = z.number().int().positive();

const schema = z.object({
  model_type: z.literal('bert'),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  intermediate_size: count,
  max_position_embeddings: count,
  type_vocab_size: count,
  layer_norm_eps: z.number().positive(),
  hidden_act: z.literal('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
});

/** What a recipe decides of the network. */
export const shapeSchema = z.object({
  /**
   * how the states of a message's tokens become one vector: `mean`, that of the last states; `cls`, BERT's own pooler, `tanh`
   * of a layer on the last state of `[CLS]`; `attention`, the last layer asked once, with the mean of the states before it
   * for query and residual (as in the Funnel-Transformer, Dai et al., 2020)
   */
  pooling: z.enum(['mean', 'cls', 'attention']),
  /** how that vector becomes logits; `cosine`: its cosine with each class, times 20, which learns faster than a plain product */
  head: z.enum(['linear', 'cosine']),
});

export type Shape = z.infer<typeof shapeSchema>;

/**
 * The shape of a model that was trained here.
 * @param recipe of its manifest
 * @throws `bad_model`
 */
export function shapeOf(recipe: Record<string, unknown>, from: string): Shape {
  const parsed = shapeSchema.safeParse(recipe);
  if (parsed.success) return parsed.data;
  throw new TicketwiseError(
    'bad_model',
    `The recipe in the manifest of ${from} does not say which network it is:\n${z.prettifyError(parsed.error)}`,
  );
}

/** What of a checkpoint's `config.json`, and of a recipe, shapes the model. */
export type BertConfig = z.infer<typeof schema> & Shape;

/**
 * Reads `config.json` of a Hugging Face checkpoint; keys that do not change what is computed are passed over.
 * @throws `bad_model` when it is not a BERT that {@link encode} computes
 */
export function parseBertConfig(json: unknown, { pooling, head }: Shape, from: string): BertConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new TicketwiseError(
      'bad_model',
      `${from} is not a BERT checkpoint that can be fine-tuned here (model_type "bert", GELU, absolute positions):\n${z.prettifyError(parsed.error)}\nTake sentence-transformers/all-MiniLM-L6-v2 or google-bert/bert-base-uncased.`,
    );
  const { hidden_size, num_attention_heads } = parsed.data;
  if (hidden_size % 4 !== 0)
    throw new TicketwiseError('bad_model', `${from}: hidden_size ${hidden_size} is not a multiple of 4, as the optimiser takes numbers`);
  if (hidden_size % num_attention_heads !== 0)
    throw new TicketwiseError(
      'bad_model',
      `${from}: hidden_size ${hidden_size} is not a multiple of num_attention_heads ${num_attention_heads}`,
    );
  return { ...parsed.data, pooling, head };
}

/** Name of the word embeddings, the one matrix that the traced step does not hold. */
export const WORDS = 'embeddings.word_embeddings.weight';

/** Sizes of the two heads. */
export type HeadSizes = { intents: number; priorities: number };

/**
 * Every parameter but the word embeddings, by its Hugging Face name, in the order of the network, with its shape.
 * Matrices are `[out, in]`.
 */
export function parameterShapes(config: BertConfig, heads: HeadSizes): Map<string, number[]> {
  const { hidden_size: hidden, intermediate_size: inner } = config;
  const shapes = new Map<string, number[]>();
  const dense = (name: string, output: number, input: number) =>
    shapes.set(`${name}.weight`, [output, input]).set(`${name}.bias`, [output]);
  const norm = (name: string) => shapes.set(`${name}.LayerNorm.weight`, [hidden]).set(`${name}.LayerNorm.bias`, [hidden]);
  shapes.set('embeddings.position_embeddings.weight', [config.max_position_embeddings, hidden]);
  shapes.set('embeddings.token_type_embeddings.weight', [config.type_vocab_size, hidden]);
  norm('embeddings');
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const layer = `encoder.layer.${i}`;
    for (const projection of ['query', 'key', 'value']) dense(`${layer}.attention.self.${projection}`, hidden, hidden);
    dense(`${layer}.attention.output.dense`, hidden, hidden);
    norm(`${layer}.attention.output`);
    dense(`${layer}.intermediate.dense`, inner, hidden);
    dense(`${layer}.output.dense`, hidden, inner);
    norm(`${layer}.output`);
  }
  if (config.pooling === 'cls') dense('pooler.dense', hidden, hidden);
  dense('intent_head', heads.intents, hidden);
  dense('priority_head', heads.priorities, hidden);
  return shapes;
}
