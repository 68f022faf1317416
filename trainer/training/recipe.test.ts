import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, parseRecipe, rateAt, sourceWeightsOf } from './recipe.ts';

describe('parseRecipe', () => {
  it('completes what is given with the default', () => {
    expect(parseRecipe({}, 'r')).toEqual(DEFAULT_RECIPE);
    expect(parseRecipe({ epochs: 2 }, 'r')).toEqual({ ...DEFAULT_RECIPE, epochs: 2 });
  });

  it('completes it with another base', () => {
    expect(parseRecipe({ seed: 7 }, '--seed', { ...DEFAULT_RECIPE, epochs: 2 })).toEqual({ ...DEFAULT_RECIPE, epochs: 2, seed: 7 });
  });

  it.each<[string, unknown, string]>([
    ['an unknown key', { epoch: 3 }, 'epoch'],
    ['a value out of range', { dropout: 1 }, 'dropout'],
    ['a rate of nothing', { learningRate: 0 }, 'learningRate'],
    ['text for a number', { epochs: '3' }, 'epochs'],
    ['a number that is none', { learningRate: Number.NaN }, 'learningRate'],
    ['half of the weights', { sourceWeights: { seed: 1 } }, 'banking77'],
    ['an unknown pooling', { pooling: 'max' }, 'pooling'],
    ['no object', [1], 'Known keys: epochs, batchSize'],
    ['nothing', null, 'Known keys: epochs, batchSize'],
  ])('refuses %s', (_, json, message) => {
    expect(() => parseRecipe(json, 'quick.json')).toThrow(
      expect.objectContaining({ code: 'bad_usage', message: expect.stringMatching(new RegExp(`^quick.json is no recipe:[^]*${message}`)) }),
    );
  });
});

describe('rateAt', () => {
  it('rises in a line and falls to the last step in a line', () => {
    const rates = Array.from({ length: 10 }, (_, step) => rateAt(step, 10, 0.2));
    expect(rates.map((rate) => Number(rate.toFixed(4)))).toEqual([0.5, 1, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]);
  });

  it.each([
    [0, 1, 0, 1],
    [0, 1, 1, 1],
    [9, 10, 1, 1],
    [0, 4, 0, 1],
    [3, 4, 0, 0.25],
  ])('at step %i of %i with a warm-up of %f is %f', (step, steps, warmUp, rate) => expect(rateAt(step, steps, warmUp)).toBe(rate));
});

describe('sourceWeightsOf', () => {
  const weights = { banking77: 1, seed: 0, feedback: 3, import: 0 };

  it('reads those of a manifest, and takes the default where it is older than they are', () => {
    expect(sourceWeightsOf({ sourceWeights: weights })).toEqual(weights);
    expect(sourceWeightsOf({ sourceWeights: { seed: 0 } })).toEqual({ ...DEFAULT_RECIPE.sourceWeights, seed: 0 });
    expect(sourceWeightsOf({ epochs: 3 })).toEqual(DEFAULT_RECIPE.sourceWeights);
  });

  it('takes the most of several', () => {
    expect(sourceWeightsOf({ sourceWeights: weights }, { sourceWeights: { ...weights, banking77: 0, seed: 2 } })).toEqual({
      ...weights,
      seed: 2,
    });
  });
});
