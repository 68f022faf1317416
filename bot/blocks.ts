/** The blocks of Ticketwise's messages. */
export type Block = { type: 'section'; text: Mrkdwn } | { type: 'context'; elements: Mrkdwn[] } | { type: 'actions'; elements: Button[] };
type Mrkdwn = { type: 'mrkdwn'; text: string };
export type PlainText = { type: 'plain_text'; text: string; emoji: true };
export type Button = { type: 'button'; action_id: string; text: PlainText };

/** Longest text of a button, and of an option of a menu, in characters. */
const LABEL_LIMIT = 75;

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

/** Text without markup, but with emoji, as buttons and menus take it. */
export function plain(text: string): PlainText {
  return { type: 'plain_text', text: text.length > LABEL_LIMIT ? `${text.slice(0, LABEL_LIMIT - 1)}…` : text, emoji: true };
}

/** Buttons in a row, 25 at most. */
export function actions(elements: Button[]): Block {
  return { type: 'actions', elements };
}

export function button(actionId: string, text: string): Button {
  return { type: 'button', action_id: actionId, text: plain(text) };
}

/** A message of one paragraph. */
export function paragraph(text: string): Content {
  return { text, blocks: [section(text)] };
}
