import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Row } from '../data/row.ts';
import { labelsOf, parseTaxonomy } from '../labels.ts';
import type { ModelFolder } from '../models/folder.ts';
import { type BuildOptions, buildModel } from './build.ts';
import { type HeadSizes, parseBertConfig, type Shape } from './network/bert-config.ts';
import { allocateParameters, drawParameters, toCheckpoint } from './network/parameters.ts';
import { writeSafetensors } from './network/safetensors.ts';
import { seededRandom } from './training/random.ts';
import { DEFAULT_RECIPE } from './training/recipe.ts';

/** A BERT that is small enough to train in a test: 2 layers, width 32. */
export const TINY = {
  model_type: 'bert',
  hidden_act: 'gelu',
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 64,
  max_position_embeddings: 64,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  position_embedding_type: 'absolute',
};

export const MEAN_LINEAR: Shape = { pooling: 'mean', head: 'linear' };

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/**
 * Writes a tiny checkpoint with random weights and a WordPiece tokenizer that knows the words of some texts.
 * @returns its `config.json`
 */
export async function writeTinyCheckpoint(dir: string, texts: readonly string[], heads: HeadSizes = { intents: 4, priorities: 3 }) {
  const words = new Set(texts.flatMap((text) => text.toLowerCase().match(/[a-z0-9]+|[^\sa-z0-9]/g) ?? []));
  const vocabulary = Object.fromEntries([...SPECIAL, ...words].map((token, id) => [token, id]));
  const config = { ...TINY, vocab_size: Object.keys(vocabulary).length };
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, 'config.json'), JSON.stringify(config));
  await writeFile(path.join(dir, 'tokenizer.json'), JSON.stringify(tokenizer(vocabulary)));
  await writeFile(
    path.join(dir, 'tokenizer_config.json'),
    JSON.stringify({ tokenizer_class: 'BertTokenizer', model_max_length: 64, do_lower_case: true }),
  );
  const parameters = allocateParameters(parseBertConfig(config, MEAN_LINEAR, dir), heads, 8);
  drawParameters(parameters, seededRandom(7));
  const encoder = [...toCheckpoint(parameters)].filter(([name]) => !name.includes('_head.'));
  await writeSafetensors(path.join(dir, 'model.safetensors'), new Map(encoder));
  return config;
}

/** Writes a Banking77 of one message, the same in both parts. */
export async function writeTinyBanking77(dir: string, text: string): Promise<void> {
  for (const part of ['train', 'test']) await writeFile(path.join(dir, `${part}.csv`), `text,category\n${text},card_arrival\n`);
}

function tokenizer(vocab: Record<string, number>) {
  const special = (token: string) => ({
    id: vocab[token],
    content: token,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const [cls, sep] = [vocab['[CLS]'], vocab['[SEP]']];
  const template = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map(special),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [template('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, template('[SEP]')],
      pair: [
        template('[CLS]'),
        { Sequence: { id: 'A', type_id: 0 } },
        template('[SEP]'),
        { Sequence: { id: 'B', type_id: 1 } },
        template('[SEP]'),
      ],
      special_tokens: { '[CLS]': { id: '[CLS]', ids: [cls], tokens: ['[CLS]'] }, '[SEP]': { id: '[SEP]', ids: [sep], tokens: ['[SEP]'] } },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
  };
}

/** A taxonomy of two categories, two priorities and two intents. */
export const TINY_TAXONOMY = parseTaxonomy(
  {
    categories: ['billing', 'order'].map(group),
    priorities: ['low', 'high'].map(group),
    intents: [
      { id: 'refund', category: 'billing', priority: 'high' },
      { id: 'parcel', category: 'order', priority: 'low' },
    ],
  },
  'the test',
);
export const TINY_LABELS = labelsOf(TINY_TAXONOMY);

/** Trains a model on a tiny base, one thread and no word said; the rows are its held-out ones, too. */
export function buildTinyModel(
  base: string,
  rows: Row[],
  { out, ...change }: Pick<BuildOptions, 'out'> & Partial<BuildOptions>,
): Promise<ModelFolder> {
  return buildModel({
    base: { name: 'tiny', dir: base },
    labels: TINY_LABELS,
    blend: { train: rows, heldOut: rows },
    data: [],
    recipe: { ...DEFAULT_RECIPE, epochs: 1, batchTokens: 64, maxTokens: 16, dropout: 0 },
    out,
    threads: 1,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...change,
  });
}

function group(id: string) {
  return { id, name: id, description: '', emoji: id };
}
