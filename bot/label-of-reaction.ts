import type { Labels } from '../labels.ts';

/** What a reaction says of a ticket. */
export type Said = { kind: 'category' | 'priority'; value: string } | { kind: 'verdict'; value: 'right' | 'wrong' };

const VERDICTS = new Map<string, 'right' | 'wrong'>([
  ['white_check_mark', 'right'],
  ['heavy_check_mark', 'right'],
  ['+1', 'right'],
  ['thumbsup', 'right'],
  ['x', 'wrong'],
  ['negative_squared_cross_mark', 'wrong'],
  ['heavy_multiplication_x', 'wrong'],
  ['-1', 'wrong'],
  ['thumbsdown', 'wrong'],
]);

/**
 * Reads a reaction's name: the emoji of the taxonomy first, then the signs of right and wrong; undefined for others.
 * @param name as Slack sends it, such as `key` or `+1::skin-tone-3`
 */
export function labelOfReaction(name: string, { categories, priorities }: Pick<Labels, 'categories' | 'priorities'>): Said | undefined {
  const emoji = name.split('::')[0];
  if (emoji === undefined) return undefined;
  const category = categories.find((group) => group.emoji === emoji);
  if (category !== undefined) return { kind: 'category', value: category.id };
  const priority = priorities.find((group) => group.emoji === emoji);
  if (priority !== undefined) return { kind: 'priority', value: priority.id };
  const verdict = VERDICTS.get(emoji);
  return verdict === undefined ? undefined : { kind: 'verdict', value: verdict };
}
