import type { Row } from '../../data/row.ts';
import { softmax } from '../../models/classifier.ts';
import { assignFolds } from '../evaluation/folds.ts';
import { trainLinearSvm } from '../evaluation/linear-svm.ts';
import { fitTfIdf } from '../evaluation/tf-idf.ts';

const FOLDS = 5;
const DIVISION = 14;
/** Margins are about 1; this makes probabilities of them. */
const MARGIN_TO_LOGIT = 8;

/**
 * Rows whose intent a linear model that did not see them finds improbable: out-of-fold confidence, as confident learning
 * uses it (Northcutt et al., 2021).
 * @returns for each row, the out-of-fold probability of its intent over that of the most probable one; 1 where it has none
 */
export function confidenceOfLabels(rows: readonly Row[]): Float32Array {
  const labelled = rows.flatMap((row, i) => (row.intent === undefined ? [] : [i]));
  const known = labelled.map((i) => rows[i] as Row);
  const classes = [...new Set(known.map((row) => row.intent))];
  const folds = assignFolds(known, FOLDS, DIVISION);
  const confidence = new Float32Array(rows.length).fill(1);
  for (let fold = 0; fold < FOLDS; fold++) {
    const learnt = known.filter((_, i) => folds[i] !== fold);
    const tfIdf = fitTfIdf(learnt.map((row) => row.text));
    const model = trainLinearSvm(
      tfIdf.transform(learnt.map((row) => row.text)),
      learnt.map((row) => classes.indexOf(row.intent)),
      classes.length,
      tfIdf.width,
    );
    const asked = known.flatMap((_, i) => (folds[i] === fold ? [i] : []));
    const scores = model.score(tfIdf.transform(asked.map((i) => known[i]?.text ?? '')));
    asked.forEach((i, k) => {
      const p = softmax(
        (scores[k] as Float32Array).map((score) => score * MARGIN_TO_LOGIT),
        1,
      );
      confidence[labelled[i] as number] = (p[classes.indexOf(known[i]?.intent)] ?? 0) / Math.max(...p);
    });
  }
  return confidence;
}
