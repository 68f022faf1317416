import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../errors.ts';
import type { Taxonomy } from '../labels.ts';
import { redact } from '../redact.ts';
import { BANKING77_INTENTS } from './banking77.ts';
import { type SharedPhrase, sharedPhrases } from './n-grams.ts';
import { type Line, numberedLines, parseLine, SEED, SEED_PARTS, type SeedPart } from './seed.ts';
import { groupTwins } from './twins.ts';

/** A message of the corpus, and where it stands: `train-shop.jsonl:12`. */
export type SeedMessage = Line & { part: SeedPart; place: string };

/** What the corpus promises. */
const PROMISED = { messages: 4000, industries: 8, cell: 100, chatter: 600, hard: 300, intent: 25, testShare: [0.25, 0.33] } as const;

export type SeedCounts = {
  messages: Record<SeedPart, number>;
  industries: Record<SeedPart, string[]>;
  /** messages of a category and a priority, by part: `cells.get('billing high')` */
  cells: Map<string, Record<SeedPart, number>>;
  chatter: Record<SeedPart, number>;
  hard: Record<SeedPart, number>;
  /** messages of each intent, most of the training part first */
  intents: [id: string, messages: Record<SeedPart, number>][];
};

export type SeedCheck = { counts: SeedCounts; commonPhrases: SharedPhrase[]; problems: string[] };

/** Reads every line of all parts; what is wrong with a line is a problem, not an error. */
export async function readSeedMessages(taxonomy: Taxonomy, dir = SEED): Promise<{ messages: SeedMessage[]; problems: string[] }> {
  const messages: SeedMessage[] = [];
  const problems: string[] = [];
  for (const name of (await readdir(dir)).filter((file) => file.endsWith('.jsonl')).sort()) {
    const part = SEED_PARTS.find((prefix) => name.startsWith(`${prefix}-`));
    if (part === undefined) {
      problems.push(`${name}: belongs to no part; a file is named ${SEED_PARTS.map((prefix) => `${prefix}-….jsonl`).join(' or ')}`);
      continue;
    }
    for (const { json, number } of numberedLines(await readFile(path.join(dir, name), 'utf8'))) {
      const place = `${name}:${number}`;
      try {
        messages.push({ ...parseLine(json, place, taxonomy), part, place });
      } catch (error) {
        problems.push(messageOf(error));
      }
    }
  }
  return { messages, problems };
}

/** Counts the corpus and proves what it promises: its size, its labels' spread, and that the test part was written apart. */
export function checkSeed(messages: readonly SeedMessage[], taxonomy: Taxonomy): SeedCheck {
  const counts = countSeed(messages, taxonomy);
  const used = messages.filter((message) => message.part !== 'test');
  const test = messages.filter((message) => message.part === 'test');
  const phrases = sharedPhrases(used, test);
  const problems = [
    ...missing(counts, taxonomy),
    ...[...new Set(SEED_PARTS.flatMap((part) => counts.industries[part]))].flatMap((industry) => {
      const parts = SEED_PARTS.filter((part) => counts.industries[part].includes(industry));
      return parts.length > 1 ? [`industry "${industry}" is in ${parts.join(' and ')}; each part is of other industries`] : [];
    }),
    ...messages.flatMap((message) => formProblem(message) ?? []),
    ...twinProblems(messages),
    ...phrases.filter(({ common }) => !common).map((phrase) => phraseProblem(phrase, used, test)),
  ];
  return { counts, commonPhrases: phrases.filter(({ common }) => common), problems };
}

function countSeed(messages: readonly SeedMessage[], taxonomy: Taxonomy): SeedCounts {
  const inParts = <T>(of: (messages: SeedMessage[]) => T): Record<SeedPart, T> => ({
    train: of(messages.filter(({ part }) => part === 'train')),
    calibration: of(messages.filter(({ part }) => part === 'calibration')),
    test: of(messages.filter(({ part }) => part === 'test')),
  });
  const count = (which: (message: SeedMessage) => boolean) => inParts((own) => own.filter(which).length);
  const cells = taxonomy.categories.flatMap((category) =>
    taxonomy.priorities.map(
      (priority) =>
        [
          `${category.id} ${priority.id}`,
          count((message) => message.category === category.id && message.priority === priority.id),
        ] as const,
    ),
  );
  const intents = taxonomy.intents.map(({ id }) => [id, count((message) => message.intent === id)] as [string, Record<SeedPart, number>]);
  return {
    messages: count(() => true),
    industries: inParts((own) => [...new Set(own.map(({ industry }) => industry))].sort()),
    cells: new Map(cells),
    chatter: count((message) => message.chatter === true),
    hard: count((message) => message.hard === true),
    intents: intents.filter(([, found]) => total(found) > 0).sort(([, a], [, b]) => b.train - a.train),
  };
}

function missing({ messages, industries, cells, chatter, hard, intents }: SeedCounts, taxonomy: Taxonomy): string[] {
  const atLeast = (what: string, found: number, promised: number) =>
    found < promised ? [`${what}: ${found}, promised are at least ${promised}`] : [];
  const all = total(messages);
  const share = messages.test / Math.max(1, all);
  const [least, most] = PROMISED.testShare;
  // Banking77 brings the examples of its own intents.
  const own = new Set(taxonomy.intents.slice(BANKING77_INTENTS).map(({ id }) => id));
  return [
    ...atLeast('messages', all, PROMISED.messages),
    ...atLeast('industries', new Set(Object.values(industries).flat()).size, PROMISED.industries),
    ...[...cells].flatMap(([cell, count]) => atLeast(cell, total(count), PROMISED.cell)),
    ...atLeast('chatter', total(chatter), PROMISED.chatter),
    ...atLeast('hard messages', total(hard), PROMISED.hard),
    ...intents.flatMap(([id, found]) => (own.has(id) ? atLeast(`intent "${id}"`, total(found), PROMISED.intent) : [])),
    ...(share < least || share > most
      ? [`the test part has ${(100 * share).toFixed(1)} % of the messages, promised are ${100 * least} to ${100 * most} %`]
      : []),
  ];
}

/** Messages of all parts. */
export function total(counts: Record<SeedPart, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function formProblem({ text, priority, chatter, place }: SeedMessage): string | undefined {
  if (text !== text.trim()) return `${place}: the text begins or ends with a blank`;
  if (!chatter && priority === undefined) return `${place}: every ticket of the corpus has a priority`;
  if (redact(text) !== text) return `${place}: the bot would redact this text, so the model would never see it as it stands here`;
  return undefined;
}

function twinProblems(messages: readonly SeedMessage[]): string[] {
  return groupTwins(messages.map(({ text }) => text))
    .filter((group) => group.length > 1)
    .map((group) => `near-twins: ${group.map((i) => quoted(messages[i])).join(', ')}`);
}

function phraseProblem({ phrase, train, test }: SharedPhrase, used: readonly SeedMessage[], testPart: readonly SeedMessage[]): string {
  return `"${phrase}" is in ${[...test.map((i) => testPart[i]), ...train.map((i) => used[i])].map(quoted).join(', ')}`;
}

/** The longest piece of a text that a problem quotes, in characters. */
const QUOTED = 60;

/** Where a message stands, and how it begins; of the test part only where, so that whoever writes training rows does not read it. */
function quoted(message: SeedMessage | undefined): string {
  if (message === undefined) return '';
  const { text, place, part } = message;
  if (part === 'test') return place;
  return `${place} ${JSON.stringify(text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text)}`;
}
