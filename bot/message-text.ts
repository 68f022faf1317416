/** `<…>` of Slack's markup: a mention, a channel, a link or a date, with an optional label behind `|`. */
const MARKUP = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g;

/**
 * The text of a Slack message as people read it: links are their labels, mentions are `@someone`, channels `#name`,
 * and `&amp;` is `&`. Trimmed.
 */
export function messageText(slackText: string): string {
  return slackText
    .replaceAll('\u0000', '')
    .replace(MARKUP, (_, sigil: string, target: string, label: string | undefined) => {
      if (sigil === '@') return label === undefined ? '@someone' : `@${label.replace(/^@/, '')}`;
      if (sigil === '#') return `#${label ?? 'channel'}`;
      if (sigil === '!') return label ?? `@${target.split('^')[0]}`;
      return label ?? target.replace(/^mailto:/, '');
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
}
