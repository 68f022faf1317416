import { Refusal } from './refusal.ts';

/**
 * One page of a list, and Slack's cursor to the next: an opaque string, empty at the end.
 * @throws Refusal `invalid_cursor`
 */
export function pageOf<T>(
  list: readonly T[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): { page: T[]; has_more: boolean; response_metadata: { next_cursor: string } } {
  let start = 0;
  if (cursor !== undefined && cursor !== '') {
    const [, digits] = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString()) ?? [];
    if (digits === undefined) throw new Refusal('invalid_cursor');
    start = Number(digits);
  }
  const end = start + limit;
  const more = end < list.length;
  return {
    page: list.slice(start, end),
    has_more: more,
    response_metadata: { next_cursor: more ? Buffer.from(`next:${end}`).toString('base64') : '' },
  };
}
