/** What a set of measurements comes to. */
export type Summary = { median: number; p95: number; least: number; most: number; count: number };

/**
 * Median, 95th percentile and range. The median is what is told: on a machine that does other work too, a mean tells mostly of that.
 * @throws on an empty set, which no measurement leaves
 */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    least: quantile(sorted, 0),
    most: quantile(sorted, 1),
    count: sorted.length,
  };
}

/** The median of some numbers. */
export function median(values: readonly number[]): number {
  return summarise(values).median;
}

/** The value below which a share of sorted values lies, between two neighbours in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) throw new Error('there is nothing to summarise');
  return low + (high - low) * (at - Math.floor(at));
}
