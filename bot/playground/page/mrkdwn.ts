/** Slack's markup, taken apart. */
export type Mark =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'strike' | 'quote'; children: Mark[] }
  | { kind: 'code' | 'pre'; text: string }
  | { kind: 'link'; url: string; label: string }
  | { kind: 'user' | 'channel' | 'broadcast'; id: string }
  | { kind: 'date'; text: string }
  | { kind: 'emoji'; name: string };

const PRE = /```\n?([\s\S]+?)```/g;
const QUOTE = /(?:^|\n)((?:(?:&gt;|>)[^\n]*(?:\n|$))+)/g;
const INLINE = new RegExp(
  [
    /`(?<code>[^`\n]+)`/,
    /<(?<angle>[^<>\n]+)>/,
    /:(?<emoji>[a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/,
    /(?<![\w*])\*(?<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])/,
    /(?<![\w_])_(?<italic>[^\s_](?:[^\n]*?[^\s_])?)_(?![\w_])/,
    /(?<![\w~])~(?<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])/,
  ]
    .map((one) => one.source)
    .join('|'),
  'g',
);

/** Parses mrkdwn: code first, then quotes, then what is inside a line. */
export function parseMrkdwn(text: string): Mark[] {
  return split(text, PRE, (body) => ({ kind: 'pre', text: unescaped(body.replace(/\n$/, '')) }), parseQuotes);
}

/** Plain text, in which emoji alone have a meaning. */
export function parsePlain(text: string): Mark[] {
  return split(text, /:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/g, (name) => ({ kind: 'emoji', name }), plain);
}

/** The words alone, to be read aloud. */
export function wordsOf(text: string, nameOf: (id: string) => string): string {
  const words = (marks: Mark[]): string =>
    marks
      .map((mark) => {
        if ('children' in mark) return words(mark.children);
        if ('text' in mark) return mark.text;
        if (mark.kind === 'link') return mark.label;
        return mark.kind === 'emoji' ? mark.name.replaceAll('_', ' ') : nameOf(mark.id);
      })
      .join('');
  return words(parseMrkdwn(text));
}

function parseQuotes(text: string): Mark[] {
  return split(
    text,
    QUOTE,
    (body) => ({ kind: 'quote', children: parseInline(body.replace(/^(?:&gt;|>) ?/gm, '').replace(/\n$/, '')) }),
    parseInline,
  );
}

function parseInline(text: string): Mark[] {
  const marks: Mark[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    marks.push(...plain(text.slice(end, match.index)));
    marks.push(markOf(match.groups ?? {}));
    end = match.index + match[0].length;
  }
  return [...marks, ...plain(text.slice(end))];
}

function markOf(groups: Record<string, string | undefined>): Mark {
  if (groups.code !== undefined) return { kind: 'code', text: unescaped(groups.code) };
  if (groups.emoji !== undefined) return { kind: 'emoji', name: groups.emoji };
  if (groups.angle !== undefined) return angle(groups.angle);
  for (const kind of ['bold', 'italic', 'strike'] as const) {
    const inner = groups[kind];
    if (inner !== undefined) return { kind, children: parseInline(inner) };
  }
  return { kind: 'text', text: '' };
}

function angle(body: string): Mark {
  const [target = '', label] = body.split('|');
  if (target.startsWith('@')) return { kind: 'user', id: target.slice(1) };
  if (target.startsWith('#')) return { kind: 'channel', id: target.slice(1) };
  if (target.startsWith('!date')) return { kind: 'date', text: unescaped(label ?? '') };
  if (target.startsWith('!')) return { kind: 'broadcast', id: target.slice(1) };
  // A link of any other kind could run code where it is clicked.
  if (!/^(https?:|mailto:)/i.test(target)) return { kind: 'text', text: unescaped(label ?? target) };
  return { kind: 'link', url: unescaped(target), label: unescaped(label ?? target) };
}

function split(text: string, pattern: RegExp, mark: (body: string) => Mark, rest: (text: string) => Mark[]): Mark[] {
  const marks: Mark[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    marks.push(...rest(text.slice(end, match.index)), mark(match[1] ?? ''));
    end = match.index + match[0].length;
  }
  return [...marks, ...rest(text.slice(end))];
}

function plain(text: string): Mark[] {
  return text === '' ? [] : [{ kind: 'text', text: unescaped(text) }];
}

function unescaped(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}
