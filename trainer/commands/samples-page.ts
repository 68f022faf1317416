import path from 'node:path';
import type { DataSet } from '../../data/row.ts';
import { CHATTER, type Labels } from '../../labels.ts';
import type { Classification, Scored } from '../../models/classification.ts';
import { markdownTable } from './markdown-table.ts';
import { RESULTS, type RunRecord } from './results.ts';
import { chooseSamples, type Mistakes, type Sample, type Samples } from './samples.ts';
import { writeWhole } from './write-whole.ts';

/** What the page says of its run. */
type Run = Pick<RunRecord, 'run' | 'command' | 'measuredAt' | 'model'>;

/**
 * Writes `results/samples/<run>.md`, whole or not at all: answers of the model to messages of the seed corpus's test part.
 * @param answers to the rows of each part
 * @returns its path
 */
export async function writeSamples(
  record: Run,
  parts: readonly DataSet[],
  answers: readonly Classification[][],
  labels: Labels,
  results = RESULTS,
): Promise<string> {
  const samples = chooseSamples(
    parts.flatMap(({ rows }) => rows),
    answers.flat(),
  );
  const file = path.join(results, 'samples', `${record.run}.md`);
  await writeWhole(file, samplesPage(record, samples, labels));
  return file;
}

/** The samples as a page of Markdown. */
export function samplesPage({ run, command, measuredAt, model }: Run, samples: Samples, labels: Labels): string {
  const { messages, drawn, wrongCategory, wrongPriority, missedChatter, silenced } = samples;
  const parts = [
    `# Answers of model ${model.version}`,
    `\`${command}\`, ${measuredAt.slice(0, 10)}; the figures are in [metrics/${run}.json](../metrics/${run}.json). The messages are of the seed corpus's test part, ${count(messages)} of industries that no model learns from. Made by the command; not to be edited by hand.`,
    'Nobody chose what stands here. The first table is drawn by the SHA-256 of the text, the smallest first, without a look at the answers: it shows the model as it is, on the same messages for every model. The others are the mistakes of the whole part, the most confident first: they show it at its worst.',
    '✓ and ✗ say whether an answer has the label of the message; an answer without either had no label to be held against. The percentage is the probability that the model gives its answer. The last column is what the bot would do: tell the category, ask for it, or stay silent, as it does on chatter.',
    `## ${count(drawn.length)} messages, drawn`,
    table(drawn, labels),
    ...mistakesPart('Wrong category', wrongCategory, 'messages with a category', labels),
    ...mistakesPart('Wrong priority', wrongPriority, 'messages with a priority', labels),
    ...mistakesPart('Chatter taken for a ticket', missedChatter, 'messages that are chatter', labels),
    ...mistakesPart('Tickets taken for chatter', silenced, 'tickets', labels),
  ];
  return `${parts.join('\n\n')}\n`;
}

function mistakesPart(title: string, { shown, count: of, among }: Mistakes, what: string, labels: Labels): string[] {
  const share = among === 0 ? '' : ` (${((100 * of) / among).toFixed(1)} %)`;
  const told = shown.length === 0 ? '' : shown.length < of ? ` The ${shown.length} most confident:` : ' All of them:';
  return [`## ${title}`, `${count(of)} of ${count(among)} ${what}${share}.${told}`, ...(shown.length === 0 ? [] : [table(shown, labels)])];
}

function table(samples: readonly Sample[], labels: Labels): string {
  const names = new Map([...labels.categories, ...labels.priorities].map(({ id, name }) => [id, name]));
  const nameOf = (id: string) => plain(names.get(id) ?? id);
  const rows = samples.map(({ row, answer }) => [
    plain(row.text),
    cell(row.category, answer.category, nameOf),
    cell(row.priority, answer.priority, nameOf),
    cell(row.chatter ? CHATTER : row.intent, answer.intent, nameOf),
    botCell(row.chatter === true, answer),
  ]);
  return markdownTable(['message', 'category', 'priority', 'intent', 'the bot'], rows);
}

/** An answer beside its label: `✗ Billing 71.0 %, is Order/Delivery`. */
function cell(truth: string | undefined, { id, probability }: Scored, nameOf: (id: string) => string): string {
  const said = `${nameOf(id)} ${(100 * probability).toFixed(1)} %`;
  if (truth === undefined) return said;
  return truth === id ? `✓ ${said}` : `✗ ${said}, is ${nameOf(truth)}`;
}

/** Silence is right or wrong by itself; to tell or to ask is as good as the category. */
function botCell(isChatter: boolean, { silent, sure }: Classification): string {
  const does = silent ? 'silent' : sure ? 'tells' : 'asks';
  if (!isChatter && !silent) return does;
  return `${silent === isChatter ? '✓' : '✗'} ${does}`;
}

/** Text that Markdown shows as it is, on one line. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#~&]/g, '\\$&').replace(/\s*\n\s*/g, '<br>');
}

function count(value: number): string {
  return value.toLocaleString('en');
}
