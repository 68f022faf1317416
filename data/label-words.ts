import { TicketwiseError } from '../errors.ts';
import { CHATTER, type Taxonomy } from '../labels.ts';

export const KINDS = ['category', 'priority', 'intent'] as const;
export type Kind = (typeof KINDS)[number];

/** What a word in a label's column means. */
export type LabelWords = {
  /** @returns the id, '' for a word that says nothing, undefined for one that is not known */
  idOf(kind: Kind, word: string): string | undefined;
  /** the mappings that no word has asked for */
  unused(): string[];
};

/**
 * Knows the ids and names of the taxonomy, without regard to case, and a help desk's own words for them.
 * @param mappings `FROM=TO`: TO is an id or a name, {@link CHATTER}, or empty for a word that says nothing
 * @throws `bad_usage` when TO is unknown, or FROM is given two meanings
 */
export function labelWords(taxonomy: Taxonomy, mappings: readonly string[]): LabelWords {
  const known: Record<Kind, Map<string, string>> = {
    category: new Map([...namesOf(taxonomy.categories), [CHATTER, CHATTER]]),
    priority: namesOf(taxonomy.priorities),
    intent: new Map(taxonomy.intents.map(({ id }) => [fold(id), id])),
  };
  const own: Record<Kind, Map<string, string>> = { category: new Map(), priority: new Map(), intent: new Map() };
  const unused = new Map<string, string>();
  for (const mapping of mappings) {
    const sign = mapping.lastIndexOf('=');
    const [from, to] = [fold(mapping.slice(0, sign)), fold(mapping.slice(sign + 1))];
    if (sign < 0 || from === '')
      throw new TicketwiseError('bad_usage', `--map "${mapping}" is not FROM=TO, such as --map "Bug"=technical.`);
    const kinds = KINDS.filter((kind) => to === '' || known[kind].has(to));
    if (kinds.length === 0)
      throw new TicketwiseError(
        'bad_usage',
        `--map "${mapping}": "${mapping.slice(sign + 1)}" is not in the taxonomy. ${describeLabels(taxonomy)}`,
      );
    for (const kind of kinds) {
      const id = known[kind].get(to) ?? '';
      if ((own[kind].get(from) ?? id) !== id)
        throw new TicketwiseError(
          'bad_usage',
          `--map gives "${mapping.slice(0, sign)}" two meanings as a ${kind}: ${own[kind].get(from)} and ${id}.`,
        );
      own[kind].set(from, id);
    }
    unused.set(from, mapping);
  }
  return {
    idOf(kind, word) {
      const folded = fold(word);
      if (folded === '') return '';
      const id = own[kind].get(folded);
      if (id !== undefined) unused.delete(folded);
      return id ?? known[kind].get(folded);
    },
    unused: () => [...unused.values()],
  };
}

/** The categories and priorities that there are, for a person. */
export function describeLabels({ categories, priorities }: Taxonomy): string {
  const list = (groups: Taxonomy['categories']) => groups.map(({ id, name }) => `${id} (${name})`).join(', ');
  return `Categories: ${list(categories)}, ${CHATTER} (no ticket). Priorities: ${list(priorities)}.`;
}

function namesOf(groups: Taxonomy['categories']): Map<string, string> {
  return new Map(groups.flatMap(({ id, name }) => [[fold(name), id] as const, [fold(id), id] as const]));
}

function fold(word: string): string {
  return word.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}
