import { App, LogLevel } from '@slack/bolt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Playground, startPlayground } from './server.ts';
import { BOT, CHANNELS, PEOPLE } from './workspace.ts';

let slack: Playground;
let app: App;
const seen: { type: string; [field: string]: unknown }[] = [];

function connect(): App {
  return new App({
    token: slack.botToken,
    appToken: slack.appToken,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 2, minTimeout: 1 } },
  });
}

beforeEach(async () => {
  seen.length = 0;
  slack = await startPlayground({ port: 0, timing: { ackTimeoutMs: 2000, retryDelaysMs: [0, 10, 10] } });
  app = connect();
  app.message(async ({ message }) => void seen.push({ ...message }));
  app.event('reaction_added', async ({ event }) => void seen.push({ ...event }));
  app.event('reaction_removed', async ({ event }) => void seen.push({ ...event }));
  app.event('app_home_opened', async ({ event }) => void seen.push({ ...event }));
  await app.start();
});

afterEach(async () => {
  await app.stop();
  await slack.stop();
});

const arrived = (what: string, matches: (event: Record<string, unknown>) => boolean) =>
  slack.control.until(what, () => seen.find((event) => matches(event)));

test('a message reaches Bolt as Slack would send it, and the reply goes into its thread', async () => {
  const posted = slack.control.post({ text: 'Where is <my> card & why? See https://example.com/a.' });
  const event = await arrived('the message', (one) => one.ts === posted.ts);
  expect(event).toMatchObject({
    type: 'message',
    channel: CHANNELS.support,
    channel_type: 'channel',
    user: PEOPLE.customer,
    text: 'Where is &lt;my&gt; card &amp; why? See <https://example.com/a>.',
  });
  expect(event).not.toHaveProperty('subtype');

  const reply = await app.client.chat.postMessage({ channel: CHANNELS.support, thread_ts: posted.ts, text: 'Order/Delivery' });
  await app.client.chat.update({ channel: CHANNELS.support, ts: reply.ts ?? '', text: 'Corrected' });
  expect(slack.control.replies(posted)).toMatchObject([
    { text: 'Corrected', bot_id: BOT.botId, parent_user_id: PEOPLE.customer, edited: { user: BOT.userId } },
  ]);
  expect(slack.control.message(posted)).toMatchObject({ reply_count: 1, reply_users: [BOT.userId], latest_reply: reply.ts });
  await arrived('the edit', (one) => one.subtype === 'message_changed');
  // Slack tells a bot of its own messages too; it is Bolt that drops them.
  expect(seen.some((one) => one.bot_id === BOT.botId)).toBe(false);
});

test('reactions of people and of the bot', async () => {
  const { ts } = slack.control.post({ text: 'hello' });
  await app.client.reactions.add({ channel: CHANNELS.support, timestamp: ts, name: 'eyes' });
  expect(slack.control.react({ ts, user: PEOPLE.agent, name: 'thumbsup' })).toBe(true);
  expect(slack.control.react({ ts, user: PEOPLE.agent, name: '+1' })).toBe(false);
  expect(await arrived('the reaction', (one) => one.type === 'reaction_added' && one.user === PEOPLE.agent)).toMatchObject({
    reaction: '+1',
    item: { type: 'message', channel: CHANNELS.support, ts },
    item_user: PEOPLE.customer,
  });
  slack.control.unreact({ ts, user: PEOPLE.agent, name: '+1' });
  await arrived('its end', (one) => one.type === 'reaction_removed');
  expect(slack.control.message({ ts })?.reactions).toEqual([{ name: 'eyes', users: [BOT.userId], count: 1 }]);
});

test('edits, joins, link previews, the home tab; nothing from channels without the bot', async () => {
  slack.control.post({ text: 'not for the bot', channel: CHANNELS.general });
  const { ts } = slack.control.post({ text: 'first' });
  slack.control.edit({ ts, text: 'second' });
  slack.control.unfurl({ ts });
  slack.control.openHome(PEOPLE.agent);
  slack.control.remove({ ts });
  await slack.control.delivered();
  await arrived('the deletion', (one) => one.subtype === 'message_deleted');
  expect(seen.map((one) => one.subtype ?? one.type)).toEqual([
    'message',
    'message_changed',
    'message_changed',
    'app_home_opened',
    'message_deleted',
  ]);
});

test('an event delivered twice runs twice, and carries one event id', async () => {
  const ids: unknown[] = [];
  app.use(async ({ body, context, next }) => {
    ids.push([(body as { event_id?: string }).event_id, context.retryNum]);
    await next();
  });
  const { ts } = slack.control.post({ text: 'once' });
  await slack.control.delivered();
  await slack.control.redeliver('message', (event) => event.ts === ts);
  await slack.control.until('both', () => seen.length === 2);
  expect(ids[0]).toEqual([(ids[1] as unknown[])[0], 0]);
  expect(ids[1]).toEqual([expect.stringMatching(/^Ev/), 1]);
});

test('a command answers privately, by its acknowledgement and by response_url', async () => {
  app.command('/ticket', async ({ command, ack, respond }) => {
    if (command.text === 'twice') {
      await ack();
      await respond({ text: 'one moment' });
      await respond({ text: 'done', replace_original: true });
      await respond({ text: 'for all', response_type: 'in_channel' });
      return;
    }
    await ack({ text: `you said ${command.text}` });
  });
  await slack.control.command({ user: PEOPLE.admin, text: 'hi' });
  expect(slack.control.ephemerals(PEOPLE.admin)).toMatchObject([{ text: 'you said hi', user: PEOPLE.admin, from: BOT.userId }]);
  await slack.control.command({ user: PEOPLE.agent, text: 'twice' });
  await slack.control.until('the public answer', () => slack.control.messages().find((message) => message.text === 'for all'));
  expect(slack.control.ephemerals(PEOPLE.agent).map((one) => one.text)).toEqual(['done']);
});

test('a command that nobody answers says so to the person alone', async () => {
  app.command('/ticket', async () => undefined);
  await slack.control.command({ user: PEOPLE.agent, text: 'hi' });
  await slack.control.command({ user: PEOPLE.agent, text: 'hi', command: '/nothing' });
  expect(slack.control.ephemerals(PEOPLE.agent).map((one) => one.text)).toEqual([
    '/ticket failed with the error “operation_timeout”',
    '/nothing is not a valid command. Type / to see those that there are.',
  ]);
});

test('a button brings block_actions, and its response_url replaces the message', async () => {
  app.action('right', async ({ ack, body, respond, action }) => {
    await ack();
    await respond({ text: `${body.user.id} ${action.type === 'button' ? action.value : ''}`, replace_original: true });
  });
  const button = { type: 'button' as const, action_id: 'right', value: '42', text: { type: 'plain_text' as const, text: 'Right' } };
  const { ts = '' } = await app.client.chat.postMessage({
    channel: CHANNELS.support,
    text: 'Right?',
    blocks: [{ type: 'actions', elements: [button] }],
  });
  await slack.control.click({ user: PEOPLE.agent, ts, actionId: 'right' });
  await slack.control.until('the replacement', () => slack.control.message({ ts })?.text === `${PEOPLE.agent} 42`);
  expect(slack.control.message({ ts })).not.toHaveProperty('blocks');
});

test('a modal opens once for each trigger, and brings its form', async () => {
  const opened: unknown[] = [];
  app.action('correct', async ({ ack, body, client }) => {
    await ack();
    const trigger_id = 'trigger_id' in body ? String(body.trigger_id) : '';
    const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'Correct' }, callback_id: 'form', blocks: [] };
    for (const _ of [1, 2]) await client.views.open({ trigger_id, view }).catch((error: Error) => opened.push(error.message));
  });
  app.view('form', async ({ ack, view, body }) => {
    await ack();
    opened.push([body.user.id, view.state.values]);
  });
  const button = { type: 'button' as const, action_id: 'correct', text: { type: 'plain_text' as const, text: 'Correct' } };
  const { ts = '' } = await app.client.chat.postMessage({
    channel: CHANNELS.support,
    text: 'Right?',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Right?' }, accessory: button }],
  });
  await slack.control.click({ user: PEOPLE.agent, ts, actionId: 'correct' });
  await slack.control.until('the refusal', () => opened.length === 1);
  const [view] = slack.control.views();
  await slack.control.submit({ user: PEOPLE.agent, viewId: view?.id ?? '', values: { category: { pick: { value: 'billing' } } } });
  await slack.control.until('the form', () => opened.length === 2);
  expect(opened).toEqual([expect.stringContaining('exchanged_trigger_id'), [PEOPLE.agent, { category: { pick: { value: 'billing' } } }]]);
});

test('a button of the App Home', async () => {
  const clicks: unknown[] = [];
  app.action('refresh', async ({ ack, body }) => {
    await ack();
    clicks.push([body.user.id, 'view' in body ? body.view?.type : undefined]);
  });
  const button = { type: 'button' as const, action_id: 'refresh', text: { type: 'plain_text' as const, text: 'Refresh' } };
  await app.client.views.publish({ user_id: PEOPLE.agent, view: { type: 'home', blocks: [{ type: 'actions', elements: [button] }] } });
  const response = await fetch(`${slack.url}/playground/click-home`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: slack.url },
    body: JSON.stringify({ user: PEOPLE.agent, actionId: 'refresh' }),
  });
  expect(response.status).toBe(200);
  await slack.control.until('the click', () => clicks.length > 0);
  expect(clicks).toEqual([[PEOPLE.agent, 'home']]);
});

test('a picture is uploaded and shared', async () => {
  await app.client.filesUploadV2({ channel_id: CHANNELS.support, filename: 'plot.png', file: Buffer.from('not really a picture') });
  const [file] = slack.control.messages().at(-1)?.files ?? [];
  expect(file).toMatchObject({ name: 'plot.png', mimetype: 'image/png', size: 20 });
  expect(await (await fetch(slack.url + file?.url_private)).text()).toBe('not really a picture');
});

test('two connections share the envelopes: each goes to one', async () => {
  const other = connect();
  const theirs: unknown[] = [];
  other.message(async ({ message }) => void theirs.push(message.ts));
  await other.start();
  expect(slack.control.connections()).toBe(2);
  for (let i = 0; i < 4; i++) slack.control.post({ text: `number ${i}` });
  await slack.control.delivered();
  await slack.control.until('all four', () => seen.length + theirs.length === 4);
  expect(theirs).toHaveLength(2);
  await other.stop();
});

test('asked to leave, Bolt comes back, and what was posted meanwhile arrives', async () => {
  slack.control.disconnect();
  expect(slack.control.connections()).toBe(0);
  const { ts } = slack.control.post({ text: 'in the gap' });
  await slack.control.until('the reconnection', () => slack.control.connections() === 1, 15_000);
  await arrived('the message', (one) => one.ts === ts);
}, 20_000);

test('a rate limit is waited for; after a lost answer the client posts again', async () => {
  slack.control.fail('chat.postMessage', { error: 'ratelimited', retryAfter: 0 });
  await app.client.chat.postMessage({ channel: CHANNELS.support, text: 'late' });
  expect(slack.control.calls('chat.postMessage').map((call) => call.error)).toEqual(['ratelimited', undefined]);
  slack.control.fail('chat.postMessage', { status: 503, afterwards: true });
  await app.client.chat.postMessage({ channel: CHANNELS.support, text: 'twice' });
  expect(slack.control.messages().map((message) => message.text)).toEqual(['late', 'twice', 'twice']);
});
