import type { Row } from '../../data/row.ts';
import type { Labels } from '../../labels.ts';
import { interpret } from '../../models/classifier.ts';
import { type Decisions, PROMISE } from '../../models/decisions.ts';
import type { Output } from '../../models/inference.ts';
import type { Manifest } from '../../models/manifest.ts';
import { type ScopeScore, scopeOf } from '../../models/scope.ts';
import { allowedIntents, priorityIndex } from '../training/examples.ts';
import { judge } from './evaluate.ts';
import { fitTemperature } from './temperature.ts';
import { fitChatter, fitScope, fitThresholds, SILENCED } from './thresholds.ts';

/** Precisions that are promised of categories: what the bot tells, and a stricter one for reports. */
export const PROMISES = [PROMISE, 0.98];

/** Which score tells what is in scope, and the share of such messages that has to stay inside. */
const SCOPE: { score: ScopeScore; recall: number } = { score: 'energy', recall: 0.95 };

/** Tickets that a source needs for a threshold of its own. */
const ENOUGH = 100;

/**
 * Fits all that turns logits into answers on rows that the model did not learn from: the temperature of each head, and
 * with it what answers are decided by.
 * @param outputs the served file's, for each row
 * @returns no decisions where no row has a category
 * @throws `bad_data` on a label that the model does not have
 */
export function calibrate(rows: readonly Row[], outputs: readonly Output[], labels: Labels): Pick<Manifest, 'temperature' | 'decisions'> {
  const intents = rows.flatMap((row, i) => {
    const [allowed, logits] = [allowedIntents(row, labels), outputs[i]?.intents];
    return allowed === undefined || logits === undefined ? [] : [{ logits, allowed }];
  });
  const priorities = rows.flatMap((row, i) => {
    const [index, logits] = [priorityIndex(row, labels), outputs[i]?.priorities];
    return index === undefined || logits === undefined ? [] : [{ logits, allowed: [index] }];
  });
  const temperature = { intent: fitTemperature(intents), priority: fitTemperature(priorities) };
  if (!rows.some(({ category }) => category !== undefined)) return { temperature };
  return { temperature, decisions: fitDecisions(rows, outputs, labels, temperature) };
}

function fitDecisions(rows: readonly Row[], outputs: readonly Output[], labels: Labels, temperature: Manifest['temperature']): Decisions {
  const answers = outputs.map((output) => ({ ...interpret(output, { labels, temperature }), text: '', model: '' }));
  const judged = judge(rows, answers, 'category');
  const categories = labels.categories.map(({ id }) => id);
  const promises = PROMISES.map((precision) => ({ precision, thresholds: fitThresholds(judged, categories, precision) }));

  // Where chatter never occurs, as in Banking77, tickets are nothing like it and would only thin out those that are.
  const mixed = new Set(rows.filter((row) => row.chatter).map(({ source }) => source));
  const chatterOf = (wanted: (row: Row) => boolean) =>
    answers.flatMap(({ chatter }, i) => (mixed.has((rows[i] as Row).source) && wanted(rows[i] as Row) ? [chatter] : []));
  const chatter = fitChatter(
    chatterOf((row) => !row.chatter),
    chatterOf((row) => row.chatter === true),
    SILENCED,
  );

  const threshold = scopeThreshold(rows, outputs);
  return {
    promises,
    ...(chatter === undefined ? {} : { chatter }),
    ...(threshold === undefined ? {} : { scope: { score: SCOPE.score, threshold } }),
  };
}

/** The score from which enough of all tickets are in scope, and enough of each larger source: a bank's do not decide for the others. */
function scopeThreshold(rows: readonly Row[], outputs: readonly Output[]): number | undefined {
  const tickets = outputs.flatMap(({ intents }, i) => {
    const row = rows[i];
    return row === undefined || row.chatter ? [] : [{ source: row.source, score: scopeOf(SCOPE.score, intents) }];
  });
  const sources = [...new Set(tickets.map(({ source }) => source))].map((source) => tickets.filter((ticket) => ticket.source === source));
  const thresholds = [tickets, ...sources.filter((own) => own.length >= ENOUGH)].flatMap((group) => {
    const threshold = fitScope(
      group.map(({ score }) => score),
      SCOPE.recall,
    );
    return threshold === undefined ? [] : [threshold];
  });
  return thresholds.length === 0 ? undefined : Math.min(...thresholds);
}
