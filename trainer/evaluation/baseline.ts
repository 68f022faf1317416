import type { Row } from '../../data/row.ts';
import { CHATTER, type Labels } from '../../labels.ts';
import type { Classification, Scored } from '../../models/classification.ts';
import { softmax } from '../../models/classifier.ts';
import { decide } from '../../models/decisions.ts';
import { trainLinearSvm } from './linear-svm.ts';
import { fitTemperature } from './temperature.ts';
import { fitTfIdf, type SparseRows } from './tf-idf.ts';

/** What {@link trainBaseline} made: answers in the shape of the classifier's. */
export type Baseline = { name: string; classify(texts: readonly string[]): Classification[] };

export type BaselineOptions = {
  labels: Labels;
  train: readonly Row[];
  /** rows to fit the probabilities to */
  heldOut: readonly Row[];
  /** how much a row of each source counts; a source of weight 0 is left out. Default 1 each */
  weights?: Record<Row['source'], number>;
};

/** Calibrated scores of one kind of label: for each text, every class, most probable first. */
type Head = (rows: SparseRows) => Scored[][];

/** Margins are about 1; this makes logits of them that the search for a temperature covers. */
const MARGIN_TO_LOGIT = 10;
const NAME = 'TF-IDF + linear SVM';
const NO_LOGITS = new Float32Array();

/**
 * Trains the baseline that a BERT has to beat: TF-IDF and three linear support vector machines, one for intents (on the
 * rows with an intent), one for categories and chatter, and one for priorities. Chatter has the word over the intent.
 */
export function trainBaseline({ labels, train, heldOut, weights }: BaselineOptions): Baseline {
  const rows = train.filter((row) => (weights?.[row.source] ?? 1) > 0);
  const tfIdf = fitTfIdf(rows.map((row) => row.text));
  const vectors = tfIdf.transform(rows.map((row) => row.text));
  const heldOutVectors = tfIdf.transform(heldOut.map((row) => row.text));
  const costs = rows.map((row) => weights?.[row.source] ?? 1);
  const ids = (labelled: readonly { id: string }[]) => labelled.map(({ id }) => id);
  const head = (classes: string[], truthOf: (row: Row) => string | undefined): Head => {
    const truths = new Set(rows.map(truthOf));
    const present = classes.filter((id) => truths.has(id));
    const indexOf = (row: Row) => present.indexOf(truthOf(row) ?? '');
    const model = trainLinearSvm(vectors, rows.map(indexOf), present.length, tfIdf.width, { weights: costs });
    const logits = (sparse: SparseRows) => model.score(sparse).map((scores) => scores.map((score) => score * MARGIN_TO_LOGIT));
    const checked = logits(heldOutVectors).map((row, i) => ({ logits: row, allowed: [indexOf(heldOut[i] as Row)] }));
    const temperature = fitTemperature(checked.filter(({ allowed }) => allowed[0] !== -1));
    return (sparse) => logits(sparse).map((row) => ranked(present, softmax(row, temperature)));
  };
  const intents = head(ids(labels.intents), (row) => row.intent);
  const categories = head([...ids(labels.categories), CHATTER], (row) => (row.chatter ? CHATTER : row.category));
  const priorities = head(ids(labels.priorities), (row) => row.priority);
  return {
    name: NAME,
    classify(texts) {
      const sparse = tfIdf.transform(texts);
      const [intentScores, categoryScores, priorityScores] = [intents(sparse), categories(sparse), priorities(sparse)];
      return texts.map((text, i) => {
        const said = answer(intentScores[i] ?? [], categoryScores[i] ?? []);
        const priorities = priorityScores[i] ?? [];
        return { text, ...said, priority: best(priorities), priorities, ...decide(said, NO_LOGITS, undefined), model: NAME };
      });
    },
  };
}

function answer(intents: Scored[], all: Scored[]): Pick<Classification, 'category' | 'categories' | 'intent' | 'intents' | 'chatter'> {
  const categories = all.filter(({ id }) => id !== CHATTER);
  const chatter = all.find(({ id }) => id === CHATTER);
  const listed = chatter !== undefined && chatter === all[0] ? [chatter, ...intents] : intents;
  return { category: best(categories), categories, intent: best(listed), intents: listed.slice(0, 3), chatter: chatter?.probability ?? 0 };
}

function ranked(classes: readonly string[], probabilities: number[]): Scored[] {
  return classes.map((id, i) => ({ id, probability: probabilities[i] ?? 0 })).sort((a, b) => b.probability - a.probability);
}

/** The first of sorted scores; nothing, with probability 0, where no row had such a label. */
function best(scores: Scored[] | undefined): Scored {
  return scores?.[0] ?? { id: '', probability: 0 };
}
