/** Rates between which a variant's share of lost words is drawn. */
const LOST = { least: 0.05, most: 0.3 } as const;
/** Words that a part of a message keeps at least. */
const PART = 3;

/**
 * A message changed by chance, for a teacher to say what it is ("Distilling task-specific knowledge from BERT", Tang et
 * al., 2019): one in four is joined with another message or goes over into it, one in four is a part of itself, and all
 * may lose words. No label holds for such a text, but each shows a student more of the function that its teachers are.
 * @param other another message of the same data
 * @param random draws between 0 and 1
 */
export function varyMessage(text: string, other: string, random: () => number): string {
  const words = change(wordsOf(text), wordsOf(other), random);
  const lost = LOST.least + (LOST.most - LOST.least) * random();
  const kept = words.filter(() => random() >= lost);
  return kept.length === 0 ? text : kept.join(' ');
}

function change(words: string[], others: string[], random: () => number): string[] {
  const kind = random();
  if (kind < 1 / 8) return [...words, ...others];
  if (kind < 1 / 4) return [...words.slice(0, Math.ceil(words.length / 2)), ...others.slice(Math.floor(others.length / 2))];
  if (kind >= 1 / 2 || words.length <= PART) return words;
  const count = Math.max(PART, Math.round(words.length * (0.4 + 0.4 * random())));
  const from = Math.floor(random() * (words.length - count + 1));
  return words.slice(from, from + count);
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
