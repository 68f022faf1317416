import type { Snapshot } from '../wire.ts';

/** What the composer offers to write in place of what was typed from `from` on. */
export type Completion = { insert: string; label: string; detail: string };
export type Completions = { from: number; items: Completion[] };

const MAX = 8;

/** Offers for the word before the caret: a slash command at the start, `:emoji:`, `@name`. */
export function completionsFor(
  text: string,
  caret: number,
  { commands, users, meanings }: Pick<Snapshot, 'commands' | 'users' | 'meanings'>,
  emoji: Readonly<Record<string, string>>,
): Completions | undefined {
  const before = text.slice(0, caret);
  if (before.startsWith('/') && !before.includes('\n')) return some(0, commandsFor(before, commands));
  const [, word] = /(?:^|\s)([:@][a-z0-9_+.-]*)$/i.exec(before) ?? [];
  if (word === undefined || word.length < 2) return word === '@' ? some(caret - 1, peopleFor('', users)) : undefined;
  const typed = word.slice(1).toLowerCase();
  const from = caret - word.length;
  if (word.startsWith('@')) return some(from, peopleFor(typed, users));
  const meant = meanings.flatMap((group) => group.items);
  const names = [...new Set([...meant.map((item) => item.emoji), ...Object.keys(emoji)])].filter((name) => name.includes(typed));
  const rank = (name: string) => (name.startsWith(typed) ? 0 : 1);
  names.sort((a, b) => rank(a) - rank(b));
  return some(
    from,
    names.map((name) => ({
      insert: `:${name}: `,
      label: `${emoji[name] ?? ''} :${name}:`,
      detail: meant.find((item) => item.emoji === name)?.meaning ?? '',
    })),
  );
}

function commandsFor(typed: string, commands: Snapshot['commands']): Completion[] {
  const offers = commands.flatMap(({ command, subcommands }) =>
    subcommands.map(({ usage, description }) => {
      const [name = '', argument] = usage.split(' ');
      return { insert: `${command} ${name}${argument === undefined ? '' : ' '}`, label: `${command} ${usage}`, detail: description };
    }),
  );
  return offers.filter((offer) => offer.insert.startsWith(typed) && offer.insert.trimEnd() !== typed.trimEnd());
}

function peopleFor(typed: string, users: Snapshot['users']): Completion[] {
  return users
    .filter((user) => user.name.includes(typed) || user.realName.toLowerCase().includes(typed))
    .map((user) => ({ insert: `@${user.name} `, label: `@${user.name}`, detail: user.realName }));
}

function some(from: number, items: Completion[]): Completions | undefined {
  return items.length === 0 ? undefined : { from, items: items.slice(0, MAX) };
}
