import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { BOT_SCOPES } from './playground/workspace.ts';

const read = (file: string) => readFile(new URL(`../${file}`, import.meta.url), 'utf8');
/** The items of a list of the manifest, by the key that it stands under. */
const list = (yaml: string, key: string) => {
  const [, items = ''] = new RegExp(`^( *)${key}:\\n((?:\\1  +- .*\\n)+)`, 'm').exec(yaml)?.slice(1) ?? [];
  return items.split('\n').flatMap((line) => /- (\S+)/.exec(line)?.[1] ?? []);
};

test('the manifest asks for the scopes that the playground grants', async () => {
  expect(list(await read('docs/slack-manifest.yaml'), 'bot').sort()).toEqual([...BOT_SCOPES].sort());
});

test('the manifest names the events that the bot listens to, and its command', async () => {
  const manifest = await read('docs/slack-manifest.yaml');
  expect(list(manifest, 'bot_events')).toEqual(
    expect.arrayContaining(['message.channels', 'message.groups', 'reaction_added', 'reaction_removed']),
  );
  expect(manifest).toContain('command: /ticket');
});

test('.env.example and docs/slack.md have every variable, and none besides', async () => {
  const example = await read('.env.example');
  const names = [...example.matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name ?? '');
  const documented = [...(await read('docs/slack.md')).matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map(([, name]) => name);
  expect(documented).toEqual(names);
  // A variable that the configuration reads is refused when it is wrong, or shows in what is read.
  const before = JSON.stringify(parseConfig({}));
  const known = names.filter((name) => {
    try {
      return JSON.stringify(parseConfig({ [name]: '7' })) !== before;
    } catch {
      return true;
    }
  });
  expect(known).toEqual(names);
});

test('.env.example itself is a configuration: that of the playground', async () => {
  const env = Object.fromEntries(
    [...(await read('.env.example')).matchAll(/^([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
  expect(parseConfig(env)).toEqual(parseConfig({}));
});
