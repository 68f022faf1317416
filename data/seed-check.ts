import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../errors.ts';
import type { Taxonomy } from '../labels.ts';
import { redact } from '../redact.ts';
import { BANKING77_INTENTS } from './banking77.ts';
import { type SharedPhrase, sharedPhrases } from './n-grams.ts';
import { type Line, numberedLines, parseLine, SEED } from './seed.ts';
import { groupTwins } from './twins.ts';

type Part = 'train' | 'test';

/** A message of the corpus, and where it stands: `train-shop.jsonl:12`. */
export type SeedMessage = Line & { part: Part; place: string };

/** What the corpus promises. */
const PROMISED = { messages: 4000, industries: 8, cell: 100, chatter: 600, hard: 300, intent: 25, testShare: [0.22, 0.33] } as const;

export type SeedCounts = {
  messages: Record<Part, number>;
  industries: Record<Part, string[]>;
  /** messages of a category and a priority, by part: `cells.get('billing high')` */
  cells: Map<string, Record<Part, number>>;
  chatter: Record<Part, number>;
  hard: Record<Part, number>;
  /** messages of each intent in the training part, most first */
  intents: [id: string, train: number, test: number][];
};

export type SeedCheck = { counts: SeedCounts; commonPhrases: SharedPhrase[]; problems: string[] };

/** Reads every line of both parts; what is wrong with a line is a problem, not an error. */
export async function readSeedMessages(taxonomy: Taxonomy, dir = SEED): Promise<{ messages: SeedMessage[]; problems: string[] }> {
  const messages: SeedMessage[] = [];
  const problems: string[] = [];
  for (const name of (await readdir(dir)).filter((file) => file.endsWith('.jsonl')).sort()) {
    const part = (['train', 'test'] as const).find((prefix) => name.startsWith(`${prefix}-`));
    if (part === undefined) {
      problems.push(`${name}: belongs to no part; a file is named train-….jsonl or test-….jsonl`);
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
  const train = messages.filter((message) => message.part === 'train');
  const test = messages.filter((message) => message.part === 'test');
  const phrases = sharedPhrases(train, test);
  const problems = [
    ...missing(counts, taxonomy),
    ...counts.industries.test
      .filter((industry) => counts.industries.train.includes(industry))
      .map((industry) => `industry "${industry}" is in both parts; the test part is of other industries`),
    ...messages.flatMap((message) => formProblem(message) ?? []),
    ...twinProblems(messages),
    ...phrases.filter(({ common }) => !common).map((phrase) => phraseProblem(phrase, train, test)),
  ];
  return { counts, commonPhrases: phrases.filter(({ common }) => common), problems };
}

function countSeed(messages: readonly SeedMessage[], taxonomy: Taxonomy): SeedCounts {
  const count = (which: (message: SeedMessage) => boolean): Record<Part, number> => ({
    train: messages.filter((message) => message.part === 'train' && which(message)).length,
    test: messages.filter((message) => message.part === 'test' && which(message)).length,
  });
  const industries = (part: Part) =>
    [...new Set(messages.filter((message) => message.part === part).map((message) => message.industry))].sort();
  const cells = taxonomy.categories.flatMap((category) =>
    taxonomy.priorities.map(
      (priority) =>
        [
          `${category.id} ${priority.id}`,
          count((message) => message.category === category.id && message.priority === priority.id),
        ] as const,
    ),
  );
  const intents = taxonomy.intents.map(({ id }) => {
    const { train, test } = count((message) => message.intent === id);
    return [id, train, test] as [string, number, number];
  });
  return {
    messages: count(() => true),
    industries: { train: industries('train'), test: industries('test') },
    cells: new Map(cells),
    chatter: count((message) => message.chatter === true),
    hard: count((message) => message.hard === true),
    intents: intents.filter(([, train, test]) => train + test > 0).sort(([, a], [, b]) => b - a),
  };
}

function missing({ messages, industries, cells, chatter, hard, intents }: SeedCounts, taxonomy: Taxonomy): string[] {
  const total = ({ train, test }: Record<Part, number>) => train + test;
  const atLeast = (what: string, found: number, promised: number) =>
    found < promised ? [`${what}: ${found}, promised are at least ${promised}`] : [];
  const all = total(messages);
  const share = messages.test / Math.max(1, all);
  const [least, most] = PROMISED.testShare;
  // Banking77 brings the examples of its own intents.
  const own = new Set(taxonomy.intents.slice(BANKING77_INTENTS).map(({ id }) => id));
  return [
    ...atLeast('messages', all, PROMISED.messages),
    ...atLeast('industries', new Set([...industries.train, ...industries.test]).size, PROMISED.industries),
    ...[...cells].flatMap(([cell, count]) => atLeast(cell, total(count), PROMISED.cell)),
    ...atLeast('chatter', total(chatter), PROMISED.chatter),
    ...atLeast('hard messages', total(hard), PROMISED.hard),
    ...intents.flatMap(([id, train, test]) => (own.has(id) ? atLeast(`intent "${id}"`, train + test, PROMISED.intent) : [])),
    ...(share < least || share > most
      ? [`the test part has ${(100 * share).toFixed(1)} % of the messages, promised are ${100 * least} to ${100 * most} %`]
      : []),
  ];
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

function phraseProblem({ phrase, train, test }: SharedPhrase, trainPart: readonly SeedMessage[], testPart: readonly SeedMessage[]): string {
  return `"${phrase}" is in ${[...test.map((i) => testPart[i]), ...train.map((i) => trainPart[i])].map(quoted).join(', ')}`;
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
