import type { Row } from '../../data/row.ts';
import type { Labels } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import { type Evaluation, evaluate, judge, type LabelKind } from '../evaluation/evaluate.ts';
import { type Judged, pairedInterval, type Scores } from '../evaluation/metrics.ts';
import type { Promises } from '../evaluation/promises.ts';
import { type Share, shareOf } from './curves.ts';

/** Rows that models were run on. */
export type Part = { name: string; rows: readonly Row[] };

/** A model's answers to the rows of each part, in their order. */
export type Answered = { name: string; answers: readonly (readonly Classification[])[] };

export const KINDS = ['intent', 'category', 'priority'] as const satisfies readonly LabelKind[];

/** How one model did on one kind of label. */
export type Standing = {
  model: string;
  scores: Scores;
  share: Share;
  judged: readonly Judged[];
  /** accuracy of the first model less this one's, with the half-width of its 95 % interval; absent for the first itself */
  behind?: { difference: number; interval: number };
};

/** Models on one part, the first beside the others. A kind is absent where no row has its label. */
export type Comparison = {
  part: Part;
  evaluation: Evaluation;
  kinds: { kind: LabelKind; standings: Standing[] }[];
  /** selective classification, of the models that promise a precision */
  selective: ({ model: string } & Promises)[];
};

/** Scores the answers of every model on every part, and sets the others beside the first. */
export function compare(parts: readonly Part[], models: readonly [Answered, ...Answered[]], labels: Labels): Comparison[] {
  return parts.map((part, i) => {
    const data = { name: part.name, rows: [...part.rows] };
    const evaluated = models.map(({ name, answers }) => ({
      name,
      answers: answers[i] ?? [],
      evaluation: evaluate(data, answers[i] ?? [], labels),
    }));
    const kinds = KINDS.map((kind) => {
      const first = judge(part.rows, models[0].answers[i] ?? [], kind).map(isRight);
      const standings = evaluated.flatMap(({ name, answers, evaluation }, at): Standing[] => {
        const scores = evaluation[kind];
        if (scores === undefined) return [];
        const judged = judge(part.rows, answers, kind);
        const right = judged.map(isRight);
        const share = shareOf(right.filter(Boolean).length, right.length);
        const behind = { difference: mean(first) - mean(right), interval: pairedInterval(first, right) };
        return [{ model: name, scores, share, judged, ...(at === 0 ? {} : { behind }) }];
      });
      return { kind, standings };
    });
    const selective = evaluated.flatMap(({ name, evaluation: { promises, told, inScope } }) =>
      promises === undefined || told === undefined || inScope === undefined ? [] : [{ model: name, promises, told, inScope }],
    );
    const evaluation = evaluated[0]?.evaluation as Evaluation;
    return { part, evaluation, kinds: kinds.filter(({ standings }) => standings.length > 0), selective };
  });
}

/** Each model's share of right answers, kind by kind. */
export function sharesOf(kinds: Comparison['kinds']): { name: LabelKind; models: (Share & { model: string })[] }[] {
  return kinds.map(({ kind, standings }) => ({ name: kind, models: standings.map(({ model, share }) => ({ model, ...share })) }));
}

function isRight({ truth, answer }: Judged): boolean {
  return truth === answer;
}

function mean(outcomes: readonly boolean[]): number {
  return outcomes.filter(Boolean).length / Math.max(1, outcomes.length);
}
