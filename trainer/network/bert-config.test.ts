import { describe, expect, it } from 'vitest';
import { MEAN_LINEAR, TINY } from '../testing.ts';
import { PROBE_HEADS } from '../training/device-trial.ts';
import { parameterShapes, parseBertConfig } from './bert-config.ts';

const JSON_OF_TINY = { ...TINY, vocab_size: 100 };

describe('parseBertConfig', () => {
  it('reads what shapes the model and passes over the rest', () => {
    const json = { ...JSON_OF_TINY, transformers_version: '4.8.2', hidden_dropout_prob: 0.1, position_embedding_type: undefined };
    expect(parseBertConfig(json, MEAN_LINEAR, 'config.json')).toEqual({ ...JSON_OF_TINY, ...MEAN_LINEAR });
  });

  it.each<[string, object | null, string]>([
    ['another architecture', { ...JSON_OF_TINY, model_type: 'roberta' }, 'is not a BERT checkpoint that can be fine-tuned here'],
    ['another activation', { ...JSON_OF_TINY, hidden_act: 'relu' }, 'hidden_act'],
    ['relative positions', { ...JSON_OF_TINY, position_embedding_type: 'relative_key' }, 'position_embedding_type'],
    ['a missing size', { ...JSON_OF_TINY, num_hidden_layers: undefined }, 'num_hidden_layers'],
    [
      'a width that the heads do not divide',
      { ...JSON_OF_TINY, num_attention_heads: 5 },
      'hidden_size 32 is not a multiple of num_attention_heads 5',
    ],
    ['an odd width', { ...JSON_OF_TINY, hidden_size: 30, num_attention_heads: 3 }, 'hidden_size 30 is not a multiple of 4'],
    ['no object', null, 'is not a BERT checkpoint'],
  ])('refuses %s', (_, json, message) => {
    const parse = () => parseBertConfig(json, MEAN_LINEAR, 'config.json');
    expect(parse).toThrow(expect.objectContaining({ code: 'bad_model', message: expect.stringContaining(message) }));
    expect(parse).toThrow('config.json');
  });
});

it('names every parameter as Hugging Face does', () => {
  const config = parseBertConfig(JSON_OF_TINY, { ...MEAN_LINEAR, pooling: 'cls' }, 'config.json');
  const shapes = parameterShapes(config, PROBE_HEADS);
  expect(shapes.size).toBe(4 + 16 * 2 + 2 + 4);
  expect(shapes.get('encoder.layer.1.intermediate.dense.weight')).toEqual([64, 32]);
  expect(shapes.get('encoder.layer.0.attention.output.LayerNorm.bias')).toEqual([32]);
  expect(shapes.get('pooler.dense.weight')).toEqual([32, 32]);
  expect(shapes.get('intent_head.weight')).toEqual([10, 32]);
  expect([...parameterShapes({ ...config, pooling: 'mean' }, PROBE_HEADS).keys()]).not.toContain('pooler.dense.weight');
});
