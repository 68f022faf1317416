import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Playground, startPlayground } from './server.ts';
import { BOT, CHANNELS, PEOPLE, TEAM } from './workspace.ts';

let slack: Playground;
let narrow: Playground;
let theirs: string;
let ours: string;

type Answer = { ok: boolean; error?: string; [field: string]: unknown };

async function call(method: string, args: Record<string, unknown> = {}, on = slack, token = on.botToken): Promise<Answer> {
  const response = await fetch(on.apiUrl + method, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(args),
  });
  return (await response.json()) as Answer;
}

beforeAll(async () => {
  slack = await startPlayground({ port: 0 });
  narrow = await startPlayground({ port: 0, scopes: ['chat:write'] });
  theirs = slack.control.post({ text: 'a message of a customer' }).ts;
  ours = String((await call('chat.postMessage', { channel: CHANNELS.support, text: 'a message of the bot' })).ts);
  await call('reactions.add', { channel: CHANNELS.support, timestamp: theirs, name: 'eyes' });
});

afterAll(async () => {
  await slack.stop();
  await narrow.stop();
});

const support = CHANNELS.support;
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const button = (text: string) => ({ type: 'actions', elements: [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text } }] });
const post = (more: Record<string, unknown>) => ({ channel: support, text: 'hi', ...more });

describe('what Slack refuses', () => {
  const cases: [method: string, args: () => Record<string, unknown>, error: string][] = [
    ['chat.nothing', () => ({}), 'unknown_method'],
    ['chat.postMessage', () => post({ channel: 'C0NOWHERE00' }), 'channel_not_found'],
    ['chat.postMessage', () => post({ channel: CHANNELS.general }), 'not_in_channel'],
    ['chat.postMessage', () => ({ text: 'hi' }), 'invalid_arguments'],
    ['chat.postMessage', () => post({ text: '' }), 'no_text'],
    ['chat.postMessage', () => post({ text: 'x'.repeat(40_001) }), 'msg_too_long'],
    ['chat.postMessage', () => post({ thread_ts: '1.000001' }), 'thread_not_found'],
    ['chat.postMessage', () => post({ blocks: [section('x'.repeat(3001))] }), 'invalid_blocks'],
    ['chat.postMessage', () => post({ blocks: [section('')] }), 'invalid_blocks'],
    ['chat.postMessage', () => post({ blocks: [{ type: 'section' }] }), 'invalid_blocks'],
    [
      'chat.postMessage',
      () => post({ blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] }),
      'invalid_blocks',
    ],
    ['chat.postMessage', () => post({ blocks: [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }] }), 'invalid_blocks'],
    ['chat.postMessage', () => post({ blocks: [button('x'.repeat(76))] }), 'invalid_blocks'],
    ['chat.postMessage', () => post({ blocks: [{ type: 'nothing' }] }), 'invalid_blocks'],
    ['chat.postMessage', () => post({ blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }), 'invalid_blocks'],
    ['chat.postMessage', () => post({ blocks: [1, 2].map(() => ({ type: 'divider', block_id: 'same' })) }), 'invalid_blocks'],
    ['chat.postMessage', () => post({ blocks: Array.from({ length: 5 }, () => section('x'.repeat(3000))) }), 'msg_blocks_too_long'],
    ['chat.update', () => post({ ts: theirs }), 'cant_update_message'],
    ['chat.update', () => post({ ts: '1.000001' }), 'message_not_found'],
    ['chat.update', () => post({ ts: ours, text: 'x'.repeat(4001) }), 'msg_too_long'],
    ['chat.delete', () => ({ channel: support, ts: theirs }), 'cant_delete_message'],
    ['chat.postEphemeral', () => post({ user: 'U0NOBODY000' }), 'user_not_in_channel'],
    ['reactions.add', () => ({ channel: support, timestamp: theirs, name: 'eyes' }), 'already_reacted'],
    ['reactions.add', () => ({ channel: support, timestamp: theirs, name: 'no_such_emoji' }), 'invalid_name'],
    ['reactions.add', () => ({ channel: support, timestamp: '1.000001', name: 'eyes' }), 'message_not_found'],
    ['reactions.remove', () => ({ channel: support, timestamp: ours, name: 'eyes' }), 'no_reaction'],
    ['users.info', () => ({ user: 'U0NOBODY000' }), 'user_not_found'],
    ['conversations.replies', () => ({ channel: support, ts: '1.000001' }), 'thread_not_found'],
    ['conversations.history', () => ({ channel: CHANNELS.general }), 'not_in_channel'],
    ['conversations.list', () => ({ cursor: 'nonsense' }), 'invalid_cursor'],
    ['conversations.join', () => ({ channel: CHANNELS.general }), 'missing_scope'],
    ['views.open', () => ({ trigger_id: 'none', view: { type: 'modal', blocks: [] } }), 'invalid_trigger_id'],
    ['views.publish', () => ({ user_id: PEOPLE.agent, view: { type: 'page', blocks: [] } }), 'invalid_arguments'],
    ['files.completeUploadExternal', () => ({ files: [{ id: 'F0NOTHING00' }], channel_id: support }), 'file_not_found'],
    ['apps.connections.open', () => ({}), 'not_allowed_token_type'],
  ];
  test.each(cases)('%s: case %#', async (method, args, error) => {
    const before = JSON.stringify(slack.control.messages());
    expect(await call(method, args())).toMatchObject({ ok: false, error });
    expect(JSON.stringify(slack.control.messages())).toBe(before);
  });
});

test('tokens and scopes', async () => {
  const bare = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
  expect(await bare.json()).toEqual({ ok: false, error: 'not_authed' });
  expect(await call('auth.test', {}, slack, 'xoxb-other')).toEqual({ ok: false, error: 'invalid_auth' });
  expect(await call('reactions.add', { channel: support, timestamp: '1', name: 'x' }, narrow)).toEqual({
    ok: false,
    error: 'missing_scope',
    needed: 'reactions:write',
    provided: 'chat:write',
  });
  const form = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST', body: new URLSearchParams({ token: slack.botToken }) });
  expect(await form.json()).toMatchObject({ ok: true, team_id: TEAM.id, user_id: BOT.userId, bot_id: BOT.botId });
});

test('a fault in blocks is pointed at', async () => {
  expect(await call('chat.postMessage', post({ blocks: [section('fine'), section('x'.repeat(3001))] }))).toMatchObject({
    response_metadata: { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]'] },
  });
});

test('form-encoded calls carry JSON in their fields', async () => {
  const body = new URLSearchParams({ token: slack.botToken, channel: support, text: 'form', blocks: JSON.stringify([section('*form*')]) });
  const response = await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', body });
  expect(await response.json()).toMatchObject({ ok: true, message: { blocks: [section('*form*')] } });
});

test('people, channels and history, page by page', async () => {
  expect(await call('users.info', { user: PEOPLE.admin })).toMatchObject({ user: { is_admin: true, is_bot: false } });
  expect(await call('users.info', { user: PEOPLE.agent })).toMatchObject({ user: { is_admin: false } });
  const first = await call('conversations.list', { limit: 1 });
  expect(first).toMatchObject({ channels: [{ name: 'support', is_member: true }] });
  const { next_cursor: cursor } = first.response_metadata as { next_cursor: string };
  expect(await call('conversations.list', { limit: 1, cursor })).toMatchObject({
    channels: [{ name: 'general', is_member: false }],
    response_metadata: { next_cursor: '' },
  });
  const history = await call('conversations.history', { channel: support, oldest: theirs });
  expect((history.messages as { ts: string }[]).map((one) => one.ts)).not.toContain(theirs);
  expect((history.messages as { ts: string }[]).at(-1)?.ts).toBe(ours);
  expect(await call('reactions.get', { channel: support, timestamp: theirs })).toMatchObject({
    message: { reactions: [{ name: 'eyes', users: [BOT.userId], count: 1 }] },
  });
});

test('too many calls: 429 with Retry-After, as often as asked for', async () => {
  slack.control.fail('auth.test', { error: 'ratelimited', retryAfter: 7 });
  const response = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST', headers: { authorization: `Bearer ${slack.botToken}` } });
  expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
    429,
    '7',
    { ok: false, error: 'ratelimited' },
  ]);
  expect(await call('auth.test')).toMatchObject({ ok: true });
});

describe('the page is for this server’s own page only', () => {
  const json = { 'content-type': 'application/json' };
  const cases: [what: string, path: string, init: RequestInit, status: number][] = [
    ['no origin', '/playground/message', { method: 'POST', headers: json, body: '{}' }, 403],
    ['another origin', '/playground/message', { method: 'POST', headers: { ...json, origin: 'https://evil.example' }, body: '{}' }, 403],
    ['a stream for another origin', '/playground/events', { headers: { origin: 'https://evil.example' } }, 403],
    ['an unknown path', '/playground/nothing', {}, 404],
  ];
  test.each(cases)('%s', async (_what, path, init, status) => {
    const response = await fetch(slack.url + path, init);
    expect(response.status).toBe(status);
    await response.body?.cancel();
  });

  test('a form from the own origin is refused, JSON is taken and checked', async () => {
    const headers = { origin: slack.url };
    const body = JSON.stringify({ user: PEOPLE.agent, channel: support, text: 'by the page' });
    const ask = (path: string, init: RequestInit) => fetch(slack.url + path, { method: 'POST', ...init });
    expect((await ask('/playground/message', { headers: { ...headers, 'content-type': 'text/plain' }, body })).status).toBe(415);
    expect((await ask('/playground/message', { headers: { ...headers, ...json }, body: '{"user":1}' })).status).toBe(400);
    const asBot = JSON.stringify({ user: BOT.userId, channel: support, text: 'not me' });
    expect((await ask('/playground/message', { headers: { ...headers, ...json }, body: asBot })).status).toBe(404);
    expect((await ask('/playground/message', { headers: { ...headers, ...json }, body })).status).toBe(200);
    expect(slack.control.messages().at(-1)).toMatchObject({ text: 'by the page', user: PEOPLE.agent });
  });

  test('a name that points here is not this host', async () => {
    const { port } = new URL(slack.url);
    const status = await new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path: '/playground/events', headers: { host: `evil.example:${port}` } }, (response) => {
        resolve(response.statusCode);
        response.destroy();
      }).on('error', reject);
    });
    expect(status).toBe(403);
  });

  test('nothing is loaded from elsewhere', async () => {
    const response = await fetch(slack.url);
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'/);
    expect(await response.text()).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  });
});

test('a port in use is named', async () => {
  const port = Number(new URL(slack.url).port);
  await expect(startPlayground({ port })).rejects.toMatchObject({
    code: 'bad_config',
    message: `Port ${port} is in use by another program. Set PORT to a free one, or to 0 for any.`,
  });
});
