/** Course of a training, as columns: each point is the mean of the steps since the point before. */
export type History = { step: number[]; loss: number[]; learningRate: number[] };

type Point = { step: number; loss: number; learningRate: number };

/** Points that a curve needs at most. */
const POINTS = 400;

/** Thins the steps of a training to so few points that a record can keep them. */
export function toHistory(steps: readonly Point[], points = POINTS): History {
  const size = Math.max(1, Math.ceil(steps.length / points));
  const groups = Array.from({ length: Math.ceil(steps.length / size) }, (_, i) => steps.slice(i * size, (i + 1) * size));
  const mean = (group: Point[], key: 'loss' | 'learningRate') =>
    Number((group.reduce((sum, point) => sum + point[key], 0) / group.length).toPrecision(4));
  return {
    step: groups.map((group) => group.at(-1)?.step ?? 0),
    loss: groups.map((group) => mean(group, 'loss')),
    learningRate: groups.map((group) => mean(group, 'learningRate')),
  };
}
