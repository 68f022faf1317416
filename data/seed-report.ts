import type { Taxonomy } from '../labels.ts';
import { BANKING77_INTENTS } from './banking77.ts';
import { COMMON } from './n-grams.ts';
import type { SeedCheck } from './seed-check.ts';

/** The counts of the corpus as tables for a terminal. */
export function formatSeedCheck({ counts, commonPhrases }: SeedCheck, taxonomy: Taxonomy): string {
  const { messages, industries, cells, chatter, hard, intents } = counts;
  const banking = new Set(taxonomy.intents.slice(0, BANKING77_INTENTS).map(({ id }) => id));
  const ofBanking = intents.filter(([id]) => banking.has(id));
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const all = messages.train + messages.test;
  const row = (label: string, values: (string | number)[]) => label.padEnd(36) + values.map((value) => String(value).padStart(9)).join('');
  const priorities = taxonomy.priorities.map(({ id }) => id);
  const cell = (category: string, part: 'train' | 'test') =>
    priorities.map((priority) => cells.get(`${category} ${priority}`)?.[part] ?? 0);
  return [
    row('', ['train', 'test']),
    row('messages', [messages.train, messages.test]),
    row('chatter', [chatter.train, chatter.test]),
    row('hard', [hard.train, hard.test]),
    row('industries', [industries.train.length, industries.test.length]),
    '',
    ...(['train', 'test'] as const).flatMap((part) => [
      row(part, priorities),
      ...taxonomy.categories.map(({ id }) => row(`  ${id}`, cell(id, part))),
      `  ${industries[part].join(', ')}`,
      '',
    ]),
    row('intent', ['train', 'test']),
    ...intents.filter(([id]) => !banking.has(id)).map(([id, train, test]) => row(`  ${id}`, [train, test])),
    `  and ${sum(ofBanking.map(([, train]) => train))} and ${sum(ofBanking.map(([, , test]) => test))} messages of ${ofBanking.length} of Banking77's intents`,
    '',
    `The test part is ${((100 * messages.test) / Math.max(1, all)).toFixed(1)} % of ${all} messages.`,
    `Runs of five words in both parts that ${COMMON} or more industries of the training part use: ${commonPhrases.length}`,
    ...commonPhrases.map(({ phrase, industries: users }) => `  "${phrase}" (${users.join(', ')})`),
  ].join('\n');
}
