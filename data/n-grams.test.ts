import { expect, test } from 'vitest';
import { sharedPhrases } from './n-grams.ts';

const message = (text: string, industry = 'bank') => ({ text, industry });
const shared = (train: string, test: string) => sharedPhrases([message(train)], [message(test)]).map(({ phrase }) => phrase);

test.each([
  ['five words', 'where on earth is it', 'So, where on EARTH is: it?', ['where on earth is it']],
  ['six words, two runs', 'a b c d e f', 'a b c d e f', ['a b c d e', 'b c d e f']],
  ['four words', 'where is my parcel', 'where is my parcel', []],
  ['the same words in another order', 'where on earth is it', 'it is where on earth', []],
  ['an apostrophe more', "what's the song in there", 'whats the song in there', ['whats the song in there']],
  ['another apostrophe', 'I don’t want it now', "I don't want it later", ['i don t want it']],
])('%s', (_, train, test, phrases) => {
  for (const phrase of phrases) expect(shared(train, test)).toContain(phrase);
  if (phrases.length === 0) expect(shared(train, test)).toEqual([]);
});

test('a phrase of three industries is common, one of two is not', () => {
  const phrase = 'at the end of the';
  const train = ['bank', 'shop', 'bank'].map((industry) => message(phrase, industry));
  const common = (messages: typeof train) => sharedPhrases(messages, [message(`${phrase} day`, 'games')]).map((found) => found.common);
  expect(common(train)).toEqual([false]);
  expect(common([...train, message(phrase, 'media')])).toEqual([true]);
});
