import type { DataSet, Row } from '../../data/row.ts';
import type { Labels } from '../../labels.ts';
import type { Classification, Classifier } from '../../models/classification.ts';
import type { Outcome } from './gate.ts';
import { type Judged, type Scores, score } from './metrics.ts';
import { keptPromises, type Promises } from './promises.ts';
import { separation } from './thresholds.ts';

export type LabelKind = 'intent' | 'category' | 'priority';

/** What a model scored on one data set. A part is absent where no row has that label. */
export type Evaluation = {
  dataSet: string;
  rows: number;
  intent?: Scores;
  category?: Scores;
  priority?: Scores;
  /** rows of high priority that were called low, as a share of the high ones */
  highCalledLow?: number;
  /** share of the chatter on which the bot is silent, share of the tickets on which it is, and the {@link separation} of both */
  chatter?: { recall: number; ticketsSilenced: number; separated: number };
} & Partial<Promises>;

/** Classifies the rows of a data set with the classifier that bots use. */
export async function classifyRows(classifier: Classifier, rows: readonly Row[]): Promise<Classification[]> {
  return classifier.classify(rows.map((row) => row.text));
}

/** Sets the answers of one kind beside the labels, where a row has one. */
export function judge(rows: readonly Row[], answers: readonly Classification[], kind: LabelKind): Judged[] {
  return rows.flatMap((row, i) => {
    const [truth, answer] = [row[kind], answers[i]?.[kind]];
    return truth === undefined || answer === undefined ? [] : [{ truth, answer: answer.id, probability: answer.probability }];
  });
}

/** Scores answers against the labels of their rows. */
export function evaluate({ name, rows }: Pick<DataSet, 'name' | 'rows'>, answers: readonly Classification[], labels: Labels): Evaluation {
  const pairs = rows.map((row, i) => ({ row, answer: answers[i] as Classification }));
  const judged = (kind: LabelKind) => judge(rows, answers, kind);
  const part = (kind: LabelKind, classes: { id: string }[]) => {
    const items = judged(kind);
    const scores =
      items.length === 0
        ? undefined
        : score(
            items,
            classes.map(({ id }) => id),
          );
    return scores === undefined ? {} : { [kind]: scores };
  };
  const priorities = judged('priority');
  const [lowest, highest] = [labels.priorities[0]?.id, labels.priorities.at(-1)?.id];
  const high = priorities.filter(({ truth }) => truth === highest);
  return {
    dataSet: name,
    rows: rows.length,
    ...part('intent', labels.intents),
    ...part('category', labels.categories),
    ...part('priority', labels.priorities),
    ...(high.length === 0 ? {} : { highCalledLow: share(high, ({ answer }) => answer === lowest) }),
    ...chatterPart(pairs),
    ...keptPromises(rows, answers),
  };
}

/** Share of the rows that two models, or two precisions of one, give the same intent. */
export function agreement(a: readonly Classification[], b: readonly Classification[]): number {
  return share(
    a.map((answer, i) => [answer, b[i]] as const),
    ([one, other]) => one.intent.id === other?.intent.id,
  );
}

/** Whether the category and the priority of each labelled row were right, for the gate. */
export function outcomeOf(rows: readonly Row[], answers: readonly Classification[]): Outcome {
  const right = (kind: 'category' | 'priority') =>
    rows.flatMap((row, i) => (row[kind] === undefined ? [] : [row[kind] === answers[i]?.[kind].id]));
  return { category: right('category'), priority: right('priority') };
}

function chatterPart(pairs: { row: Row; answer: Classification }[]): Pick<Evaluation, 'chatter'> {
  const chatter = pairs.filter(({ row }) => row.chatter);
  if (chatter.length === 0) return {};
  const tickets = pairs.filter(({ row }) => !row.chatter);
  const silent = ({ answer }: { answer: Classification }) => answer.silent;
  const probabilities = (of: typeof pairs) => of.map(({ answer }) => answer.chatter);
  const separated = separation(probabilities(tickets), probabilities(chatter));
  return { chatter: { recall: share(chatter, silent), ticketsSilenced: share(tickets, silent), separated } };
}

function share<T>(items: readonly T[], test: (item: T) => boolean): number {
  return items.length === 0 ? 0 : items.filter(test).length / items.length;
}
