/** Longest text of a section block, in characters. */
export const SECTION_LIMIT = 3000;

/** Text that Slack shows as it stands: no mention, link or channel comes of it. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** As many of the parts, joined, as fit into `limit` characters; `…` stands for the rest. */
export function joinWithin(parts: readonly string[], separator: string, limit: number): string {
  let joined = '';
  for (const [i, part] of parts.entries()) {
    const next = i === 0 ? part : joined + separator + part;
    const room = i === parts.length - 1 ? limit : limit - separator.length - 1;
    if (next.length > room) return i === 0 ? '…' : `${joined}${separator}…`;
    joined = next;
  }
  return joined;
}

/** A probability in whole percent; only certainty is 100 %. */
export function percent(probability: number): string {
  const whole = Math.round(probability * 100);
  return `${probability < 1 ? Math.min(whole, 99) : 100} %`;
}

/** `a`, `a and b`, `a, b and c`; or with another word than `and`. */
export function listed(items: readonly string[], word = 'and'): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}
