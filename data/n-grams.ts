/** Words in a phrase that two messages may have in common. */
const WORDS = 5;
/** A phrase that this many industries of the other parts use is a common phrase of the language, such as "at the end of the". */
export const COMMON = 3;

export type Message = { text: string; industry: string };

/** A run of five words that stands in messages of both parts; `train` and `test` are indices. */
export type SharedPhrase = { phrase: string; industries: string[]; train: number[]; test: number[]; common: boolean };

/**
 * Finds every run of five words that a test message shares with a training message, whatever their case and punctuation.
 */
export function sharedPhrases(train: readonly Message[], test: readonly Message[]): SharedPhrase[] {
  const holders = indexPhrases(train);
  return [...indexPhrases(test)].flatMap(([phrase, inTest]) => {
    const inTrain = holders.get(phrase);
    if (inTrain === undefined) return [];
    const industries = [...new Set(inTrain.map((i) => train[i]?.industry ?? ''))].sort();
    return [{ phrase, industries, train: inTrain, test: inTest, common: industries.length >= COMMON }];
  });
}

/** The messages that hold each phrase. */
function indexPhrases(messages: readonly Message[]): Map<string, number[]> {
  const holders = new Map<string, number[]>();
  messages.forEach(({ text }, i) => {
    for (const phrase of phrasesOf(text)) {
      const seen = holders.get(phrase);
      if (seen === undefined) holders.set(phrase, [i]);
      else seen.push(i);
    }
  });
  return holders;
}

/** An apostrophe is read both ways: "don't" as one word and as two. */
function phrasesOf(text: string): Set<string> {
  const plain = text.normalize('NFKC').toLowerCase();
  return new Set(['', ' '].flatMap((apostrophe) => runsOf(plain.replace(/['’ʼ´`]/g, apostrophe).match(/[\p{L}\p{N}]+/gu) ?? [])));
}

function runsOf(words: readonly string[]): string[] {
  return words.slice(0, Math.max(0, words.length - WORDS + 1)).map((_, i) => words.slice(i, i + WORDS).join(' '));
}
