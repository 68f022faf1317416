import type { Taxonomy } from '../labels.ts';
import { BANKING77_INTENTS } from './banking77.ts';
import { COMMON } from './n-grams.ts';
import { SEED_PARTS, type SeedPart } from './seed.ts';
import { type SeedCheck, total } from './seed-check.ts';
import type { Agreement } from './seed-readings.ts';

/** The counts of the corpus as tables for a terminal. */
export function formatSeedCheck({ counts, commonPhrases }: SeedCheck, readings: Agreement, taxonomy: Taxonomy): string {
  const { messages, industries, cells, chatter, hard, intents } = counts;
  const banking = new Set(taxonomy.intents.slice(0, BANKING77_INTENTS).map(({ id }) => id));
  const ofBanking = intents.filter(([id]) => banking.has(id));
  const sum = (values: number[]) => values.reduce((whole, value) => whole + value, 0);
  const all = total(messages);
  const line = (label: string, values: (string | number)[]) =>
    label.padEnd(36) + values.map((value) => String(value).padStart(13)).join('');
  const row = (label: string, values: Record<SeedPart, number>) =>
    line(
      label,
      SEED_PARTS.map((part) => values[part]),
    );
  const priorities = taxonomy.priorities.map(({ id }) => id);
  const cell = (category: string, part: SeedPart) => priorities.map((priority) => cells.get(`${category} ${priority}`)?.[part] ?? 0);
  return [
    line('', [...SEED_PARTS]),
    row('messages', messages),
    row('chatter', chatter),
    row('hard', hard),
    line(
      'industries',
      SEED_PARTS.map((part) => industries[part].length),
    ),
    '',
    ...SEED_PARTS.flatMap((part) => [
      line(part, priorities),
      ...taxonomy.categories.map(({ id }) => line(`  ${id}`, cell(id, part))),
      `  ${industries[part].join(', ')}`,
      '',
    ]),
    line('intent', [...SEED_PARTS]),
    ...intents.filter(([id]) => !banking.has(id)).map(([id, found]) => row(`  ${id}`, found)),
    `  and ${SEED_PARTS.map((part) => sum(ofBanking.map(([, found]) => found[part]))).join(', ')} messages of ${ofBanking.length} of Banking77's intents`,
    '',
    `The test part is ${((100 * messages.test) / Math.max(1, all)).toFixed(1)} % of ${all} messages.`,
    `${readings.messages} messages were read twice more, blind: ${agreed('category', readings)}; ${agreed('priority', readings)}.`,
    `${readings.readAgain} of them, drawn by chance, once more in random order: as labelled are ${percent(readings.category.again)} of the categories and ${percent(readings.priority.again)} of the priorities.`,
    `Runs of five words that ${COMMON} or more industries of the other parts use, and the test part, too: ${commonPhrases.length}`,
    ...commonPhrases.map(({ phrase, industries: users }) => `  "${phrase}" (${users.join(', ')})`),
  ].join('\n');
}

function agreed(kind: 'category' | 'priority', readings: Agreement): string {
  const { withCorpus, between } = readings[kind];
  return `the ${kind} is as labelled in ${percent(withCorpus)} of the readings, and the same for both readers of ${percent(between)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
