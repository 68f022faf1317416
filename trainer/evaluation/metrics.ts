/** What a classifier answered for one row, beside what is right. */
export type Judged = { truth: string; answer: string; probability: number };

export type ClassScore = { id: string; precision: number; recall: number; f1: number; support: number };

export type Scores = {
  rows: number;
  accuracy: number;
  /** mean F1 of the classes that occur among the truths */
  macroF1: number;
  /** expected calibration error over 15 bins of equal width (Guo et al., 2017) */
  ece: number;
  perClass: ClassScore[];
  /** `matrix[truth][answer]`: rows, in the order of `classes` */
  classes: string[];
  matrix: number[][];
};

const BINS = 15;

/**
 * Scores answers against truths.
 * @param known every class that can be answered; a truth beside them (a label that the taxonomy gained since) is a class
 * of its own, which is never answered
 */
export function score(judged: readonly Judged[], known: readonly string[]): Scores {
  const classes = [...new Set([...known, ...judged.map(({ truth }) => truth)])];
  const index = new Map(classes.map((id, i) => [id, i]));
  const matrix = classes.map(() => classes.map(() => 0));
  for (const { truth, answer } of judged) {
    const [row, column] = [index.get(truth), index.get(answer)];
    const cells = matrix[row ?? -1];
    if (cells !== undefined && column !== undefined) cells[column] = (cells[column] ?? 0) + 1;
  }
  const support = (i: number) => judged.filter(({ truth }) => truth === classes[i]).length;
  const perClass = classes.map((id, i): ClassScore => {
    const hits = matrix[i]?.[i] ?? 0;
    const answered = matrix.reduce((sum, row) => sum + (row[i] ?? 0), 0);
    const present = support(i);
    const precision = answered === 0 ? 0 : hits / answered;
    const recall = present === 0 ? 0 : hits / present;
    return { id, precision, recall, f1: hits === 0 ? 0 : (2 * precision * recall) / (precision + recall), support: present };
  });
  const present = perClass.filter((c) => c.support > 0);
  return {
    rows: judged.length,
    accuracy: mean(judged.map(isRight)),
    macroF1: mean(present.map((c) => c.f1)),
    ece: expectedCalibrationError(judged),
    perClass,
    classes,
    matrix,
  };
}

/** Mean gap between confidence and accuracy, over bins of confidence, weighted by their rows. */
export function expectedCalibrationError(judged: readonly Judged[]): number {
  const bins = Array.from({ length: BINS }, () => [] as Judged[]);
  for (const item of judged) bins[Math.min(BINS - 1, Math.floor(item.probability * BINS))]?.push(item);
  const gap = (bin: Judged[]) => Math.abs(mean(bin.map(isRight)) - mean(bin.map((item) => item.probability)));
  return bins.reduce((sum, bin) => sum + (bin.length === 0 ? 0 : gap(bin) * bin.length), 0) / Math.max(1, judged.length);
}

/**
 * Half-width of the 95 % confidence interval of the difference of two accuracies on the same rows (McNemar's variance):
 * a difference smaller than this is none.
 */
export function pairedInterval(a: readonly boolean[], b: readonly boolean[]): number {
  const differences = a.map((right, i) => Number(right) - Number(b[i]));
  const average = mean(differences);
  const variance = mean(differences.map((d) => (d - average) ** 2));
  return 1.96 * Math.sqrt(variance / Math.max(1, a.length));
}

function isRight({ truth, answer }: Judged): number {
  return truth === answer ? 1 : 0;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
