import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArguments, readEnvFile, runCommand } from '../cli.ts';
import { parseConfig } from '../config.ts';
import { TicketwiseError } from '../errors.ts';
import { type Classification, type Classifier, checkText, type Scored } from './classification.ts';
import { openClassifier } from './classifier.ts';
import { PROMISE } from './decisions.ts';
import { shipModel } from './ship.ts';

const USAGE = 'npm run classify -- [--model DIR] [--json] [TEXT]   (with no text: a message on each line of standard input)';
const STARTER = path.join(import.meta.dirname, 'starter');

/** Lines of standard input that are classified together. */
const LINES = 256;

await runCommand(async () => {
  const [command, ...args] = process.argv.slice(2);
  if (command === 'ship') return ship(args);
  if (command !== 'classify') throw new TicketwiseError('bad_usage', `Unknown command "${command ?? ''}".\nUsage: ${USAGE}`);
  readEnvFile();
  const { values, positionals } = parseArguments(args, { model: { type: 'string' }, json: { type: 'boolean', default: false } }, USAGE);
  const classifier = await openClassifier(values.model ?? parseConfig(process.env).model ?? STARTER, { threads: availableParallelism() });
  const format = values.json ? asJson : asText;
  try {
    if (positionals.length > 0) await print(classifier, [positionals.join(' ')], format);
    else await printLines(classifier, format);
  } finally {
    await classifier.dispose();
  }
});

/** `npm run ship`: what bots serve of a model, as the folder that the project ships. */
async function ship(args: string[]): Promise<void> {
  const usage = 'npm run ship -- --model DIR [--out DIR]';
  const { values } = parseArguments(args, { model: { type: 'string' }, out: { type: 'string', default: STARTER } }, usage);
  if (values.model === undefined) throw new TicketwiseError('bad_usage', `Which model? Give its folder.\nUsage: ${usage}`);
  const { version, dir } = await shipModel(values.model, values.out);
  process.stdout.write(`Model ${version} in ${path.relative('.', dir)}\n`);
}

/** Classifies standard input as it comes; a line that cannot be classified ends it, after the lines before it. */
async function printLines(classifier: Classifier, format: (c: Classification) => string): Promise<void> {
  let batch: string[] = [];
  let number = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    try {
      batch.push(checkText(line));
    } catch (cause) {
      await print(classifier, batch, format);
      throw new TicketwiseError('bad_text', `Line ${number} of standard input: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
    if (batch.length === LINES) {
      await print(classifier, batch, format);
      batch = [];
    }
  }
  if (number === 0)
    throw new TicketwiseError('bad_usage', `There is nothing to classify: no text, and standard input is empty.\nUsage: ${USAGE}`);
  await print(classifier, batch, format);
}

async function print(classifier: Classifier, texts: string[], format: (c: Classification) => string): Promise<void> {
  for (const classification of await classifier.classify(texts)) process.stdout.write(`${format(classification)}\n`);
}

function asJson({ text, category, priority, intent, categories, chatter, sure, inScope, silent, model }: Classification): string {
  return JSON.stringify({ text, category, priority, intent, categories, chatter, sure, inScope, silent, model });
}

function asText({ text, category, priority, intents, categories, model, ...decided }: Classification): string {
  const line = ({ id, probability }: Scored) => `  ${id.padEnd(34)}${`${(100 * probability).toFixed(1)} %`.padStart(8)}`;
  return [
    text,
    `category  ${category.id}, priority ${priority.id} (${(100 * priority.probability).toFixed(1)} %)`,
    ...categories.map(line),
    'intents',
    ...intents.map(line),
    ...doing(decided),
    `model ${model}`,
  ].join('\n');
}

/** What the bot would do, where it would not tell the category. */
function doing({ silent, sure, inScope }: Pick<Classification, 'silent' | 'sure' | 'inScope'>): string[] {
  if (silent) return ['This is chatter: the bot would stay silent.'];
  if (sure) return [];
  const why = inScope ? `less sure than ${100 * PROMISE} % precision asks for` : 'unlike what it learnt from';
  return [`The bot would ask: this is ${why}.`];
}
