import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choose, findSupportChannels } from './channels.ts';
import { type Playground, startPlayground } from './playground/server.ts';
import { BOT_SCOPES, CHANNELS } from './playground/workspace.ts';
import { openSlack } from './slack.ts';
import { slackLog } from './slack-log.ts';
import { quiet } from './testing.ts';

const there = [
  { id: 'C0000000001', name: 'support', is_member: true },
  { id: 'C0000000002', name: 'help', is_member: false },
];

test.each([
  [['support'], { ids: ['C0000000001'], unknown: [], notMember: [] }],
  [['Support'], { ids: ['C0000000001'], unknown: [], notMember: [] }],
  [['C0000000002'], { ids: ['C0000000002'], unknown: [], notMember: [there[1]] }],
  [['support', 'nowhere'], { ids: ['C0000000001'], unknown: ['nowhere'], notMember: [] }],
])('choose(%j)', (wanted, chosen) => {
  expect(choose(wanted, there)).toEqual(chosen);
});

describe.each([
  ['with', BOT_SCOPES],
  ['without', BOT_SCOPES.filter((scope) => !scope.endsWith(':read') || scope === 'users:read')],
])('%s the scopes to list channels', (_, scopes) => {
  const listed = scopes.includes('channels:read');
  let playground: Playground;
  beforeAll(async () => {
    playground = await startPlayground({ port: 0, scopes });
  });
  afterAll(() => playground.stop());
  const find = async (wanted: string[]) => findSupportChannels(await openSlack(playground, slackLog(quiet())), wanted, quiet());

  test('a name', async () => {
    if (listed) expect((await find(['support']))(CHANNELS.support)).toBe(true);
    else await expect(find(['support'])).rejects.toThrow('channels:read');
  });

  test('an id', async () => {
    const isSupportChannel = await find([CHANNELS.support]);
    expect([CHANNELS.support, CHANNELS.general].map(isSupportChannel)).toEqual([true, false]);
  });

  test('a channel that is not there', async () => {
    await expect(find(['nowhere'])).rejects.toThrow(listed ? 'SUPPORT_CHANNELS names nowhere' : 'SUPPORT_CHANNELS has names');
  });

  test('none: wherever the bot is', async () => {
    expect((await find([]))('C9')).toBe(true);
  });
});
