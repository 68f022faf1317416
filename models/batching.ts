/**
 * Cuts a sequence that is sorted by length into batches of at most `rows` items and `tokens` tokens, padding to the
 * longest of a batch included. An item longer than that is a batch of its own.
 */
export function cutBatches<T>(
  sorted: readonly T[],
  lengthOf: (item: T) => number,
  { rows, tokens }: { rows: number; tokens: number },
): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  for (const item of sorted) {
    if (batch.length === rows || (batch.length + 1) * lengthOf(item) > tokens) {
      if (batch.length > 0) batches.push(batch);
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
