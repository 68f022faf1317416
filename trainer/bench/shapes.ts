import type { BertConfig, HeadSizes } from '../network/bert-config.ts';
import type { Batch } from '../training/step.ts';

const common = {
  model_type: 'bert',
  vocab_size: 30_522,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  hidden_act: 'gelu',
  position_embedding_type: 'absolute',
  pooling: 'cls', // pooling and head of Hugging Face's BertForSequenceClassification
  head: 'linear',
} as const;

/** Networks by the names of their checkpoints; 22.7 and 109 M weights. */
export const SHAPES = {
  'MiniLM-L6': { ...common, hidden_size: 384, num_hidden_layers: 6, num_attention_heads: 12, intermediate_size: 1536 },
  'BERT-base': { ...common, hidden_size: 768, num_hidden_layers: 12, num_attention_heads: 12, intermediate_size: 3072 },
} satisfies Record<string, BertConfig>;

export type ShapeName = keyof typeof SHAPES;

/** The heads of a taxonomy of Banking77 alone: its intents, one for each category, and chatter. */
export const HEADS: HeadSizes = { intents: 83, priorities: 3 };

/** A batch without padding, of random tokens and labels. */
export function randomBatch(rows: number, sequence: number, random: () => number): Batch {
  const count = rows * sequence;
  const oneHot = (classes: number) => {
    const values = new Float32Array(rows * classes);
    for (let row = 0; row < rows; row++) values[row * classes + Math.floor(random() * classes)] = 1;
    return values;
  };
  return {
    size: { batch: rows, sequence },
    ids: Int32Array.from({ length: count }, () => Math.floor(random() * common.vocab_size)),
    mask: new Float32Array(count).fill(1),
    intents: oneHot(HEADS.intents),
    intentWeights: new Float32Array(rows).fill(1 / rows),
    categories: oneHot(HEADS.intents),
    categoryWeights: new Float32Array(rows).fill(1 / rows),
    teacher: new Float32Array(rows * HEADS.intents),
    teacherWeights: new Float32Array(rows),
    priorities: oneHot(HEADS.priorities),
    priorityWeights: new Float32Array(rows).fill(0.3 / rows),
  };
}
