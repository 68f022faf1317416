import { expect, it } from 'vitest';
import { differences, type Origin } from './origin.ts';

const [zeros, ones] = ['0'.repeat(64), '1'.repeat(64)];
const set = (name: string, rows: number, sha256 = zeros) => ({ name, rows, sha256 });
const origin: Origin = {
  recipe: { learningRate: 2e-4, dropout: 0.1, sourceWeights: { seed: 1 } },
  base: { name: 'tiny', sha256: zeros },
  labels: zeros,
  data: [set('banking77', 9), set('seed', 3)],
  examples: { count: 12, sha256: zeros },
};
const recipe = (change: object) => ({ recipe: { ...origin.recipe, ...change } });

it.each<[string, Partial<Origin>, string[]]>([
  ['the same', {}, []],
  ['the same under another name', { base: { name: 'copy', sha256: zeros } }, []],
  ['a lower rate', recipe({ learningRate: 1e-4 }), []],
  ['a higher rate', recipe({ learningRate: 3e-4 }), ['the recipe: learningRate was 0.0002 and is 0.0003']],
  ['another value', recipe({ dropout: 0 }), ['the recipe: dropout was 0.1 and is 0']],
  ['another value within', recipe({ sourceWeights: { seed: 2 } }), ['the recipe: sourceWeights was {"seed":1} and is {"seed":2}']],
  ['a key that a later version has', recipe({ average: 0.9 }), ['the recipe: average was not there and is 0.9']],
  ['another base', { base: { name: 'tiny', sha256: ones } }, ['the base: it was tiny (000000000000…) and is tiny (111111111111…)']],
  ['teachers that came', { teachers: ['one', 'two'] }, ['the teachers: they were none and are one, two']],
  ['other labels', { labels: ones }, ['the labels: data/taxonomy.json has changed']],
  [
    'data that changed, went and came',
    { data: [set('banking77', 8, ones), set('import', 2)] },
    [
      'the data: banking77 was 9 rows (000000000000…) and is 8 rows (111111111111…)',
      'the data: seed was 3 rows (000000000000…) and is not there',
      'the data: import was not there and is 2 rows (000000000000…)',
    ],
  ],
  [
    'other examples for no other reason',
    { examples: { count: 11, sha256: ones } },
    ['the code: this version makes other examples of the same data (12, now 11)'],
  ],
  [
    'other examples of other labels',
    { labels: ones, examples: { count: 11, sha256: ones } },
    ['the labels: data/taxonomy.json has changed'],
  ],
])('a training goes on with %s, or says why not', (_, change, expected) => {
  expect(differences(origin, { ...origin, ...change })).toEqual(expected);
});
