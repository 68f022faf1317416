import type { Labels } from '../../labels.ts';
import type { Evaluation } from '../evaluation/evaluate.ts';
import type { Scores } from '../evaluation/metrics.ts';

/** An evaluation as lines for a terminal: figures, then the confusion matrix of the categories. */
export function formatEvaluation(evaluation: Evaluation, labels: Labels): string {
  const { dataSet, rows, intent, category, priority, chatter, highCalledLow, promises = [], told, inScope } = evaluation;
  const lines = [`${dataSet}: ${rows} rows`, '                        rows  accuracy  macro-F1    ECE'];
  if (intent !== undefined) lines.push(figures(`intent (${intent.perClass.filter((c) => c.support > 0).length} classes)`, intent));
  if (category !== undefined) lines.push(figures(`category (${labels.categories.length} classes)`, category));
  if (priority !== undefined) lines.push(figures(`priority (${labels.priorities.length} classes)`, priority));
  if (highCalledLow !== undefined) lines.push(`  high priority called low: ${percent(highCalledLow)}`);
  if (chatter !== undefined)
    lines.push(
      `  chatter recognised: ${percent(chatter.recall)}, tickets silenced: ${percent(chatter.ticketsSilenced)}; at 1 % silenced, recognised: ${percent(chatter.separated)}`,
    );
  for (const { promised, coverage, precision } of promises)
    lines.push(`  told at ${Math.round(100 * promised)} %: ${percent(coverage)}, right: ${percent(precision)}`);
  if (told !== undefined) lines.push(`  told by the bot: ${percent(told.coverage)}, right: ${percent(told.precision)}`);
  if (inScope !== undefined) lines.push(`  tickets in scope: ${percent(inScope)}`);
  if (category !== undefined) lines.push('', ...confusion(category, labels));
  return lines.join('\n');
}

function figures(name: string, { rows, accuracy, macroF1, ece }: Scores): string {
  return `  ${name.padEnd(22)}${String(rows).padStart(4)}  ${percent(accuracy).padStart(8)}  ${macroF1.toFixed(3).padStart(8)}  ${ece.toFixed(3).padStart(5)}`;
}

function confusion({ matrix, classes }: Scores, labels: Labels): string[] {
  const name = (id: string) => labels.categories.find((c) => c.id === id)?.name ?? id;
  const width = Math.max(...classes.map((id) => name(id).length));
  const cells = (values: string[]) => values.map((value) => value.padStart(10)).join('');
  return [
    `  ${'is, down; called, across'.padEnd(width)}${cells(classes)}`,
    ...matrix.map((row, i) => `  ${name(classes[i] ?? '').padEnd(Math.max(width, 24))}${cells(row.map(String))}`),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
