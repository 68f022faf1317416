import { EMOJI_ALIASES, EMOJI_TABLE } from './emoji-table.ts';

/** Which emoji this workspace knows. */
export type EmojiBook = {
  /** character by name; a custom emoji has none and stands for itself as `:name:` */
  characters: Record<string, string>;
  /**
   * The name under which Slack stores a reaction: aliases are folded, a skin tone stays.
   * undefined when there is no such emoji.
   */
  resolve(name: string): string | undefined;
};

/** @param custom names that this workspace has added, as a team does */
export function openEmoji(custom: string[] = []): EmojiBook {
  const characters: Record<string, string> = {};
  for (const group of EMOJI_TABLE) {
    const words = group.emoji.split(/\s+/);
    for (let i = 0; i + 1 < words.length; i += 2) characters[words[i] as string] = words[i + 1] as string;
  }
  for (const [alias, name] of Object.entries(EMOJI_ALIASES)) characters[alias] = characters[name] as string;
  const known = new Set([...Object.keys(characters), ...custom]);
  return {
    characters,
    resolve(name) {
      const [, base, tone = ''] = /^:?([^:]+)(::skin-tone-[2-6])?:?$/.exec(name) ?? [];
      if (base === undefined || !known.has(base)) return undefined;
      return (EMOJI_ALIASES[base] ?? base) + tone;
    },
  };
}
