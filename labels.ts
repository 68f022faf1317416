import { z } from 'zod';
import { TicketwiseError } from './errors.ts';

const id = z.string().regex(/^[A-Za-z0-9_?:-]{1,80}$/, 'an id is 1 to 80 letters, digits, "_", "-", ":" or "?"');
const emoji = z.string().regex(/^[a-z0-9_+'-]+$/, "an emoji is Slack's name for it, without colons");

const group = z.strictObject({ id, name: z.string().min(1), description: z.string(), emoji });

const taxonomySchema = z.strictObject({
  categories: z.array(group).min(2),
  priorities: z.array(group).min(2),
  intents: z.array(z.strictObject({ id, category: id, priority: id })),
});

/** What a team edits: `data/taxonomy.json`. */
export type Taxonomy = z.infer<typeof taxonomySchema>;
export type Group = z.infer<typeof group>;

/** The intent of a message that is no ticket; as the category in somebody's correction, it says that the message is none. */
export const CHATTER = 'chatter';

/** An intent that the model's head knows; `category` is null for {@link CHATTER} only. */
export type Intent = { id: string; category: string | null; priority: string };

/** What the heads of a model stand for, in the order of its logits. */
export type Labels = { categories: Group[]; priorities: Group[]; intents: Intent[] };

/** Whether two heads stand for the same classes in the same order. */
export function sameClasses(one: readonly { id: string }[], other: readonly { id: string }[]): boolean {
  return one.length === other.length && one.every(({ id }, i) => id === other[i]?.id);
}

/** The intent that takes what a category has beyond its named intents. */
export function otherIntent(category: string): string {
  return `other:${category}`;
}

/**
 * Checks a taxonomy.
 * @param from where it was read, for the error
 * @throws `bad_data` on unknown keys, duplicate ids or emoji, and references to what is not there
 */
export function parseTaxonomy(json: unknown, from: string): Taxonomy {
  const parsed = taxonomySchema.safeParse(json);
  if (!parsed.success) throw new TicketwiseError('bad_data', `${from} is no taxonomy:\n${z.prettifyError(parsed.error)}`);
  const taxonomy = parsed.data;
  const categories = new Set(taxonomy.categories.map((c) => c.id));
  const priorities = new Set(taxonomy.priorities.map((p) => p.id));
  const groups = [...taxonomy.categories, ...taxonomy.priorities];
  const complain = (what: string) => new TicketwiseError('bad_data', `${from}: ${what}`);
  const twice = duplicate([...groups.map((g) => g.id), ...taxonomy.intents.map((i) => i.id)]);
  if (twice !== undefined) throw complain(`the id "${twice}" is there twice; ids are unique`);
  const emojiTwice = duplicate(groups.map((g) => g.emoji));
  if (emojiTwice !== undefined) throw complain(`the emoji "${emojiTwice}" stands for two things; each has one meaning`);
  const reserved = groups.find((g) => g.id === CHATTER);
  if (reserved !== undefined) throw complain(`the id "${CHATTER}" is reserved: it stands for what is no ticket`);
  for (const intent of taxonomy.intents) {
    if (!categories.has(intent.category))
      throw complain(`intent "${intent.id}" has category "${intent.category}", which is not one of ${[...categories].join(', ')}`);
    if (!priorities.has(intent.priority))
      throw complain(`intent "${intent.id}" has priority "${intent.priority}", which is not one of ${[...priorities].join(', ')}`);
    if (intent.id === CHATTER || intent.id.startsWith('other:'))
      throw complain(`intent "${intent.id}" is reserved: "${CHATTER}" and "other:<category>" are added by themselves`);
  }
  return taxonomy;
}

/** The heads of a taxonomy: its intents, then one `other` for each category, then {@link CHATTER}. */
export function labelsOf(taxonomy: Taxonomy): Labels {
  const middle = taxonomy.priorities[Math.floor((taxonomy.priorities.length - 1) / 2)] as Group;
  const first = taxonomy.priorities[0] as Group;
  return {
    categories: taxonomy.categories,
    priorities: taxonomy.priorities,
    intents: [
      ...taxonomy.intents,
      ...taxonomy.categories.map((c) => ({ id: otherIntent(c.id), category: c.id, priority: middle.id })),
      { id: CHATTER, category: null, priority: first.id },
    ],
  };
}

function duplicate(values: string[]): string | undefined {
  return values.find((value, i) => values.indexOf(value) !== i);
}
