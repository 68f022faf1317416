import { describe, expect, it } from 'vitest';
import { seededRandom } from '../training/random.ts';
import { varyMessage } from './variants.ts';

/** The draws named, and then one that keeps every word. */
const draws = (...values: number[]) => {
  const left = [...values];
  return () => left.shift() ?? 0.999;
};
const TEXT = 'where is my new card please';

describe('varyMessage', () => {
  it.each<[string, () => number, string]>([
    ['joins two messages', draws(0), 'where is my new card please I was charged twice'],
    ['goes over into another message', draws(0.2), 'where is my charged twice'],
    ['keeps a part', draws(0.3, 0, 0.5), 'my new card'],
    ['keeps all', draws(0.6), TEXT],
    ['loses words', draws(0.6, 0, 0.04, 0.06, 0.01), 'is new card please'],
    ['is the message itself where no word is left', draws(0.6, 1, 0, 0, 0, 0, 0, 0), TEXT],
  ])('%s', (_, random, expected) => expect(varyMessage(TEXT, 'I was charged twice', random)).toBe(expected));

  it.each([['card'], ['my card'], [' card '], ['']])('leaves something of %j', (text) => {
    const random = seededRandom(4);
    for (let i = 0; i < 50; i++) expect(varyMessage(text, '', random).length).toBeGreaterThanOrEqual(Math.min(1, text.trim().length));
  });

  it('is the same for the same draws', () => {
    const [one, other] = [seededRandom(3), seededRandom(3)];
    const variants = (random: () => number) => Array.from({ length: 30 }, () => varyMessage(TEXT, 'I was charged twice', random));
    expect(variants(one)).toEqual(variants(other));
    expect(new Set(variants(one)).size).toBeGreaterThan(10);
  });
});
