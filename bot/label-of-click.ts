import type { Labels } from '../labels.ts';
import type { Said } from './label-of-reaction.ts';

/** `action_id` of the button that opens the form. */
export const CORRECT = 'correct';

/** Which buttons say something by themselves. */
export const SAYS = /^say:(category|verdict):(.+)$/;

type ByClick = Extract<Said, { kind: 'verdict' }> | { kind: 'category'; value: string };

/** `action_id` of the button that says something. */
export function clickOf({ kind, value }: ByClick): string {
  return `say:${kind}:${value}`;
}

/** Reads the `action_id` of a button; undefined where it names a category that there is no longer. */
export function labelOfClick(actionId: string, { categories }: Pick<Labels, 'categories'>): ByClick | undefined {
  const [, kind, value = ''] = SAYS.exec(actionId) ?? [];
  if (kind === 'verdict' && (value === 'right' || value === 'wrong')) return { kind, value };
  return kind === 'category' && categories.some(({ id }) => id === value) ? { kind, value } : undefined;
}
