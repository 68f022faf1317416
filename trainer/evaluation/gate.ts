import { pairedInterval } from './metrics.ts';

/** Whether a model was right, for each held-out row that has the label. */
export type Outcome = { category: boolean[]; priority: boolean[] };

export type Decision = { promote: boolean; reason: string };

/**
 * Decides whether a new model goes live: unless it is worse than the live one on the same held-out rows, which is to
 * say, lower in the accuracy of category or priority by more than the 95 % confidence interval of the difference.
 */
export function decide(live: Outcome | undefined, candidate: Outcome): Decision {
  if (candidate.category.length === 0)
    return { promote: false, reason: 'There are no held-out rows to measure on, and no model goes live unmeasured.' };
  if (live === undefined)
    return { promote: true, reason: `First model: category ${percent(candidate.category)}, priority ${percent(candidate.priority)}.` };
  const parts = (['category', 'priority'] as const).map((kind) => {
    const [before, after] = [live[kind], candidate[kind]];
    const change = rate(after) - rate(before);
    const interval = pairedInterval(after, before);
    return {
      worse: change < 0 && -change > interval,
      text: `${kind} ${percent(before)} → ${percent(after)} (±${(100 * interval).toFixed(1)})`,
    };
  });
  const worse = parts.some((part) => part.worse);
  const rows = `${candidate.category.length} held-out rows`;
  return {
    promote: !worse,
    reason: worse
      ? `Worse on ${rows}: ${parts.map((p) => p.text).join(', ')}. The live model stays.`
      : `Not worse on ${rows}: ${parts.map((p) => p.text).join(', ')}.`,
  };
}

function rate(outcomes: readonly boolean[]): number {
  return outcomes.length === 0 ? 0 : outcomes.filter(Boolean).length / outcomes.length;
}

function percent(outcomes: readonly boolean[]): string {
  return `${(100 * rate(outcomes)).toFixed(1)} %`;
}
