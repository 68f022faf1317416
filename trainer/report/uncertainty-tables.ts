import type { OutOfScopeRecord } from '../commands/out-of-scope-record.ts';
import type { Told } from '../evaluation/promises.ts';
import type { Comparison } from './comparison.ts';
import { type Html, html } from './html.ts';

/** What models tell and keep of their promises on one part; nothing where none promises any. */
export function promisesTable({ selective }: Comparison): Html | undefined {
  const first = selective[0];
  if (first === undefined) return undefined;
  const cells = ({ coverage, precision }: Told) =>
    html`<td class="number">${percent(coverage)}</td><td class="number">${coverage === 0 ? '' : percent(precision)}</td>`;
  return html`<h3>What is told</h3>
<div class="scroll"><table>
<thead><tr><th>model${first.promises.map(({ promised }) => html`<th class="number">told at ${percent(promised, 0)}<th class="number">right`)}<th class="number">told by the bot<th class="number">right<th class="number">in scope</thead>
${selective.map(
  ({ model, promises, told, inScope }) =>
    html`<tr><td class="name">${model}</td>${promises.map(cells)}${cells(told)}<td class="number">${percent(inScope)}</td></tr>`,
)}
</table></div>
<p class="faint">Told at 95 %: share of the messages whose category is told when it is told from the confidence on from which 95 % of such held-out messages were right; right: how many of those here are. The bot tells what keeps its promise, is like what the model learnt (in scope) and is no chatter; for the rest it asks. All thresholds were fitted on held-out messages, none on these.</p>`;
}

/** How well each score tells messages that are like nothing learnt. */
export function outOfScopeTable({ scores, rows, leftOut, inside, base, commit }: OutOfScopeRecord): Html {
  const names = {
    probability: 'largest probability of an intent',
    energy: 'energy of the intents’ logits',
    logit: 'largest logit of an intent',
    nearestMean: 'cosine to the nearest class mean of the embeddings',
  };
  return html`<h2 id="unknown">Messages like nothing that was learnt</h2>
<div class="scroll"><table>
<thead><tr><th>score<th class="number">AUROC<th class="number">told at ${percent(inside, 0)} in scope</thead>
${Object.entries(names).map(([score, name]) => {
  const { auroc, recall } = scores[score as keyof typeof names];
  return html`<tr><td class="name">${name}</td><td class="number">${auroc.toFixed(3)}</td><td class="number">${percent(recall)}</td></tr>`;
})}
</table></div>
<p class="faint">Measured apart, by a model from ${base} (commit ${commit ?? 'unknown'}) that learnt Banking77 without ${leftOut.length} of its intents, on ${rows.outOfScope.toLocaleString('en')} messages of those and ${rows.inScope.toLocaleString('en')} unseen ones of the others.</p>`;
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}\u00a0%`;
}
