import type { Taxonomy } from '../../labels.ts';
import type { Meanings } from './wire.ts';

/** What the taxonomy's emoji, and the two verdicts, mean to the bot. */
export function meaningsOf(taxonomy: Pick<Taxonomy, 'categories' | 'priorities'>): Meanings[] {
  return [
    { title: 'Category', items: taxonomy.categories.map(({ emoji, name }) => ({ emoji, meaning: name })) },
    { title: 'Priority', items: taxonomy.priorities.map(({ emoji, name }) => ({ emoji, meaning: `${name} priority` })) },
    {
      title: 'Verdict',
      items: [
        { emoji: 'white_check_mark', meaning: 'Ticketwise is right' },
        { emoji: 'x', meaning: 'Ticketwise is wrong' },
      ],
    },
  ];
}
