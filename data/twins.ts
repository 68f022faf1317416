/** Share of words in common (Jaccard) from which two messages are near-twins. */
const TWIN = 0.75;

/** Groups of indices whose texts are near-twins, directly or through others; a text with none is alone in its group. */
export function groupTwins(texts: readonly string[]): number[][] {
  const parent = texts.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] ?? at;
    return at;
  };
  const words = texts.map(wordsOf);
  const holders = new Map<string, number[]>();
  words.forEach((own, i) => {
    const shared = new Map<number, number>();
    for (const word of own) {
      for (const other of holders.get(word) ?? []) shared.set(other, (shared.get(other) ?? 0) + 1);
      const seen = holders.get(word);
      if (seen === undefined) holders.set(word, [i]);
      else seen.push(i);
    }
    for (const [other, common] of shared) {
      if (common / (own.size + (words[other]?.size ?? 0) - common) >= TWIN) parent[root(i)] = root(other);
    }
  });
  const groups = new Map<number, number[]>();
  for (const i of texts.keys()) groups.set(root(i), [...(groups.get(root(i)) ?? []), i]);
  return [...groups.values()];
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}
