import { describe, expect, test } from 'vitest';
import { rateLimitNotice } from './envelopes.ts';
import { PEOPLE } from './playground/workspace.ts';
import { openSlack } from './slack.ts';
import { slackLog } from './slack-log.ts';
import { openSocket } from './socket.ts';
import { eachInWorld, quiet, type World } from './testing.ts';

describe('the connection', () => {
  let world: World;
  eachInWorld((opened) => {
    world = opened;
  });

  const replied = (ts: string) => world.control.until('a reply', () => world.control.replies({ ts })[0]);

  test.each(['refresh_requested', 'warning', 'cut'] as const)('comes back after %s', async (how) => {
    await world.start();
    world.control.disconnect(how);
    const { ts } = world.control.post({ text: 'I was charged twice' });
    await replied(ts);
    expect(world.control.replies({ ts })).toHaveLength(1);
    expect(world.lost).toEqual([]);
  });

  test('and after failures of Slack', async () => {
    await world.start();
    world.control.fail('apps.connections.open', { error: 'internal_error', status: 200, times: 2 });
    world.control.disconnect();
    const { ts } = world.control.post({ text: 'I was charged twice' });
    await replied(ts);
  });

  test('a token that was revoked meanwhile is told, once', async () => {
    await world.start();
    world.control.fail('apps.connections.open', { error: 'invalid_auth', times: 5 });
    world.control.disconnect();
    await world.control.until('the loss', () => world.lost[0]);
    expect(world.lost).toHaveLength(1);
    expect(world.lost[0]?.message).toContain('Slack refuses SLACK_APP_TOKEN: invalid_auth');
  });

  test('an app token that Slack refuses at the start', async () => {
    world.control.fail('apps.connections.open', { error: 'invalid_auth' });
    await expect(world.start()).rejects.toThrow('Slack refuses SLACK_APP_TOKEN: invalid_auth');
  });

  test('a bot token that Slack refuses', async () => {
    const { appToken, apiUrl } = world.playground;
    await expect(openSlack({ botToken: 'xoxb-other', appToken, apiUrl }, slackLog(quiet()))).rejects.toThrow(
      'Slack refuses SLACK_BOT_TOKEN: invalid_auth',
    );
  });

  test('survives envelopes that Slack’s client does not expect', async () => {
    const { receiver } = openSocket(world.slack, slackLog(quiet()), quiet(), () => {});
    for (const payload of [{ type: 'app_rate_limited', minute_rate_limited: 7 }, null, {}])
      receiver.client.emit('ws_message', JSON.stringify({ type: 'events_api', envelope_id: 'e1', payload }), false);
    // An unhandled rejection fails the test run.
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('gives back to Slack what the database could not store, and gets it again', async () => {
    let down = true;
    let failures = 0;
    await world.start({
      db: world.db.withPlugin({
        transformQuery({ node }) {
          if (!down) return node;
          if (node.kind === 'InsertQueryNode') failures += 1;
          throw new Error('connect ECONNREFUSED');
        },
        transformResult: async ({ result }) => result,
      }),
    });
    const { ts } = world.control.post({ text: 'I was charged twice' });
    world.control.react({ ts, user: PEOPLE.agent, name: 'key' });
    await world.control.until('a second try', () => failures > 1);
    down = false;
    await world.control.until('reply and correction', () => JSON.stringify(world.control.replies({ ts })).includes('corrected by'));
    expect(world.control.replies({ ts })).toHaveLength(1);
  });

  test('a stop waits for what is under way', async () => {
    const bot = await world.start();
    const open = world.rules.hold();
    const { ts } = world.control.post({ text: 'I was charged twice' });
    await world.control.delivered();
    await world.control.until('the question', () => world.rules.asked.length > 0);
    const stopped = bot.stop();
    open();
    await stopped;
    expect(world.control.replies({ ts })).toHaveLength(1);
    expect(world.control.connections()).toBe(0);
  });
});

test.each([
  [
    { type: 'events_api', envelope_id: 'e1', payload: { type: 'app_rate_limited', minute_rate_limited: 7 } },
    { envelopeId: 'e1', minute: 7 },
  ],
  [{ type: 'events_api', envelope_id: 'e1', payload: { type: 'event_callback', event: { text: '"app_rate_limited"' } } }, undefined],
  [{ type: 'hello' }, undefined],
])('%j', (envelope, notice) => {
  expect(rateLimitNotice(JSON.stringify(envelope))).toEqual(notice);
});

test('no notice', () => {
  expect(rateLimitNotice('{"app_rate_limited"')).toBeUndefined();
  expect(rateLimitNotice(undefined)).toBeUndefined();
});
