import type { OutOfScopeRecord } from '../commands/out-of-scope-record.ts';
import { duration } from '../commands/progress-bar.ts';
import type { RunRecord } from '../commands/results.ts';
import { formatServing } from '../commands/serving.ts';
import type { LabelKind } from '../evaluation/evaluate.ts';
import type { Comparison } from './comparison.ts';
import type { Figure } from './draw.ts';
import { type Html, html, raw } from './html.ts';
import type { Mistake } from './mistakes.ts';
import { STYLE } from './style.ts';
import { outOfScopeTable, promisesTable } from './uncertainty-tables.ts';

/** What is shown of one part. */
export type Section = { comparison: Comparison; figures: Figure[]; mistakeKind: LabelKind; mistakes: Mistake[] };

export type PageInput = {
  record: RunRecord;
  sections: readonly Section[];
  training: Figure | undefined;
  outOfScope: OutOfScopeRecord | undefined;
};

/** The report as one HTML page that needs no other file and no script. */
export function page({ record, sections, training, outOfScope }: PageInput): string {
  const { model } = record;
  const document = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Model ${model.version}: report</title>
<style>${raw(STYLE)}</style>
<h1>Model ${model.version}</h1>
<p class="faint">${model.base}, measured ${record.measuredAt.slice(0, 10)} as an exported file, through the classifier that the bot uses.</p>
${tiles(sections[0])}
<nav>${sections.map(({ comparison }) => html`<a href="#${anchor(comparison.part.name)}">${comparison.part.name}</a>`)}<a href="#facts">How it was made</a></nav>
${sections.map(section)}
${outOfScope && outOfScopeTable(outOfScope)}
<h2 id="facts">How it was made</h2>
${training && figure(training)}
${facts(record)}
</html>
`;
  return document.html;
}

function tiles(first: Section | undefined): Html | undefined {
  if (first === undefined) return undefined;
  const { kinds, part, evaluation } = first.comparison;
  const tile = (value: string, what: string, beside: string[]) =>
    html`<div class="tile"><b>${value}</b>${what}${beside.map((line) => html`<br><small>${line}</small>`)}</div>`;
  const strictest = evaluation.promises?.at(-1);
  return html`<div class="tiles">${kinds.map(({ kind, standings: [own, ...others] }) =>
    own === undefined
      ? undefined
      : tile(
          percent(own.share.share),
          `${kind}, of ${own.scores.classes.filter((_, i) => (own.scores.perClass[i]?.support ?? 0) > 0).length}`,
          others.map(({ model, share }) => `${model}: ${percent(share.share)}`),
        ),
  )}${strictest && tile(percent(strictest.coverage), 'of categories told', [`${percent(strictest.precision)} of them right,`, `${percent(strictest.promised, 0)} promised`])}</div>
<p class="faint">Shares of ${part.rows.length.toLocaleString('en')} messages of ${part.name}.</p>`;
}

function section({ comparison, figures, mistakeKind, mistakes }: Section): Html {
  const { part, evaluation, kinds } = comparison;
  const { highCalledLow, chatter } = evaluation;
  return html`<h2 id="${anchor(part.name)}">${part.name}: ${part.rows.length.toLocaleString('en')} messages</h2>
<div class="scroll"><table>
<thead><tr><th><th>model<th class="number">accuracy<th class="number">95 % interval<th class="number">difference<th class="number">macro-F1<th class="number">ECE</thead>
${kinds.map(({ kind, standings }) =>
  standings.map(
    (
      { model, scores, share, behind },
      i,
    ) => html`<tr class="${i === 0 ? 'first model' : ''}"><th>${i === 0 ? `${kind} (${scores.rows.toLocaleString('en')})` : ''}</th><td class="name">${model}</td>
<td class="number">${percent(scores.accuracy, 2)}</td>
<td class="number">${(100 * share.low).toFixed(1)}–${(100 * share.high).toFixed(1)}</td>
<td class="number">${behind === undefined ? '' : difference(behind)}</td>
<td class="number">${scores.macroF1.toFixed(3)}</td><td class="number">${scores.ece.toFixed(3)}</td></tr>`,
  ),
)}
</table></div>
<p class="faint">In brackets: messages that have such a label. Difference: a model's accuracy less that of the first, in points, with the half-width of its 95 % interval on the same messages; what is smaller than that is no difference. ECE: mean gap between confidence and accuracy.</p>
${promisesTable(comparison)}
${highCalledLow !== undefined && html`<p>Of the messages of the highest priority ${percent(highCalledLow)} are given the lowest.</p>`}
${chatter !== undefined && html`<p>Of the chatter ${percent(chatter.recall)} is recognised, and gets no reply; of the tickets ${percent(chatter.ticketsSilenced)} are taken for it. With a threshold that takes 1 % of these tickets for it, ${percent(chatter.separated)} would be recognised.</p>`}
${figures.map(figure)}
${
  mistakes.length > 0 &&
  html`<h3>The ${mistakes.length} most confident mistakes in the ${mistakeKind}</h3>
${mistakes.some(({ nearest }) => nearest.length > 0) && html`<p class="faint">Below each: the training messages nearest to it by the model's embedding (cosine), looked for among those with the most wording in common. <span class="called">Orange</span>: labelled as the model answered. <span class="is">Blue</span>: labelled as is right. Where near ones are orange, the model learnt its mistake from them, or the label of one side is wrong.</p>`}
<ol class="mistakes">${mistakes.map(mistakeItem)}</ol>`
}`;
}

function mistakeItem({ text, truth, answer, confidence, nearest }: Mistake): Html {
  const side = (label: string) => (label === answer ? 'called' : label === truth ? 'is' : 'faint');
  return html`<li><blockquote>${text}</blockquote>
<div>is <span class="is">${truth}</span>, called <span class="called">${answer}</span> with ${percent(confidence)}</div>
${nearest.length > 0 && html`<ul>${nearest.map(({ text: near, label, similarity }) => html`<li>${similarity.toFixed(2)} <span class="${side(label)}">${label}</span> ${near}</li>`)}</ul>`}</li>`;
}

function figure({ name, title, svg }: Figure): Html {
  return html`<figure id="${name}">${raw(svg.replace('<svg', `<svg role="img" aria-label="${title}"`))}</figure>`;
}

function facts({ command, commit, machine, measuredAt, model, training, int8Agreement, serving }: RunRecord): Html {
  const rows: [string, unknown][] = [
    ['command', html`<code>${command}</code>`],
    ['measured', `${measuredAt}, commit ${commit ?? 'unknown'}`],
    ['machine', machine],
    ['trained at commit', model.commit ?? 'unknown'],
    ['seed', model.seed],
    [
      'data',
      model.data.map(({ name, rows, sha256 }) => html`${name}: ${rows.toLocaleString('en')} rows, SHA-256 <code>${sha256}</code><br>`),
    ],
    ...(training === undefined
      ? []
      : ([
          ['training', `${duration(training.seconds)}, ${training.steps.toLocaleString('en')} steps, on ${training.device}`],
          ['speed', `${Math.round(training.tokensPerSecond).toLocaleString('en')} tokens/s`],
          ['peak memory', `${(training.peakMemoryBytes / 1e9).toFixed(2)} GB`],
        ] as [string, unknown][])),
    ...(int8Agreement === undefined ? [] : [['int8 and float32', `agree on ${percent(int8Agreement, 2)}`] as [string, unknown]]),
    ...(serving === undefined ? [] : [['answers', formatServing(serving)] as [string, unknown]]),
  ];
  return html`<table class="facts">${rows.map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>`)}</table>
<h3>Recipe</h3>
<pre>${JSON.stringify(model.recipe, null, 2)}</pre>`;
}

function difference({ difference: ahead, interval }: { difference: number; interval: number }): string {
  const sign = ahead > 0 ? '−' : '+';
  return `${sign}${(100 * Math.abs(ahead)).toFixed(1)} ± ${(100 * interval).toFixed(1)}`;
}

function anchor(name: string): string {
  return name.replace(/\W+/g, '-');
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}\u00a0%`;
}
