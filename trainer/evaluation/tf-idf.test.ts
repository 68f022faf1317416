import { expect, test } from 'vitest';
import { characterTerms, fitTfIdf, innerProducts, wordTerms } from './tf-idf.ts';

test('terms are words, pairs of words and pieces of words with their ends', () => {
  expect(wordTerms('Card lost, help!')).toEqual(['card', 'lost', 'help', 'card lost', 'lost help']);
  expect(wordTerms('?!')).toEqual([]);
  expect(characterTerms('ab')).toEqual([' a', 'ab', 'b ', ' ab', 'ab ', ' ab ']);
});

test('each block of a row has length 1, and what is rare weighs more', () => {
  const tfIdf = fitTfIdf(['my card', 'my card', 'my phone']);
  const { starts, values } = tfIdf.transform(['my phone', 'unknown words']);
  const row = values.subarray(0, starts[1]);
  expect(row.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(2);
  const [my, phone] = row; // idf of a term in 3 of 3 texts: ln(4/4) + 1; in 1 of 3: ln(4/2) + 1
  expect((phone ?? 0) / (my ?? 1)).toBeCloseTo(Math.log(2) + 1);
  // Of words that were never seen only pieces are known.
  expect(tfIdf.transform(['zzz']).values).toHaveLength(0);
});

test('inner products find the text that is most alike', () => {
  const texts = ['where is my card', 'refund my payment', 'reset my password'];
  const tfIdf = fitTfIdf(texts);
  const products = innerProducts(tfIdf.transform(texts), tfIdf.transform(['I want a refund']), 0, tfIdf.width);
  expect(products.indexOf(Math.max(...products))).toBe(1);
});
