/** The two blocks that Ticketwise writes. */
export type Block = { type: 'section'; text: Mrkdwn } | { type: 'context'; elements: Mrkdwn[] };
type Mrkdwn = { type: 'mrkdwn'; text: string };

/** A message: its blocks, and `text` for notifications and screen readers. */
export type Content = { text: string; blocks: Block[] };

/** A paragraph of at most 3,000 characters. */
export function section(text: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

/** Small print. */
export function context(text: string): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', text }] };
}

/** A message of one paragraph. */
export function paragraph(text: string): Content {
  return { text, blocks: [section(text)] };
}
