import type { User } from './wire.ts';

/**
 * What a person typed, as Slack stores it: `& < >` escaped, addresses in angle brackets,
 * `@name` a mention, emoji characters left as they are.
 */
export function encodeTyped(text: string, users: Iterable<User>): string {
  const byName = new Map([...users].map((user) => [user.name, user.id]));
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\bhttps?:\/\/[^\s]+[^\s.,;:!?)'"]/g, (url) => `<${url}>`)
    .replace(/(^|[\s(])@([a-z0-9._-]+)/g, (all, before: string, name: string) => {
      const id = byName.get(name);
      return id === undefined ? all : `${before}<@${id}>`;
    });
}
