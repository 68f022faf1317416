import { beforeEach, describe, expect, test } from 'vitest';
import { storeTicket } from '../db/tickets.ts';
import { CHANNELS, PEOPLE } from './playground/workspace.ts';
import { postOnce } from './posting.ts';
import { eachInWorld, shown, type World } from './testing.ts';

let world: World;
eachInWorld((opened) => {
  world = opened;
});

const tickets = () => world.db.selectFrom('tickets').selectAll().orderBy('id').execute();
const feedback = () => world.db.selectFrom('currentFeedback').selectAll().orderBy('id').execute();

const replied = (ts: string) => world.control.until('a reply', () => world.control.replies({ ts })[0]);
const replyShows = (ts: string, part: string) =>
  world.control.until(`a reply with "${part}"`, () => world.control.replies({ ts }).find((reply) => shown(reply).includes(part)));
/** Stores a message as a process does that then dies. */
const leave = (ts: string) =>
  storeTicket(world.db, {
    teamId: world.slack.teamId,
    channelId: CHANNELS.support,
    ts,
    userId: PEOPLE.customer,
    text: 'I was charged twice',
  });

describe('a message', () => {
  test('is stored, classified and answered once in its thread', async () => {
    await world.start();
    const { ts } = world.control.post({ text: 'I was charged twice, card 4111 1111 1111 1111' });
    const reply = await replied(ts);
    expect(shown(reply)).toContain(':moneybag: *Billing* · 92 % sure');
    await world.control.until('the ticket to know its reply', () => world.control.calls('chat.postMessage').length === 1);
    const [ticket] = await tickets();
    expect(ticket).toMatchObject({ ts, channelId: CHANNELS.support, userId: PEOPLE.customer, text: 'I was charged twice, card [card]' });
    const [prediction] = await world.db.selectFrom('predictions').selectAll().execute();
    expect(prediction).toMatchObject({ ticketId: ticket?.id, modelVersion: 'model-1', category: 'billing', intent: 'refund' });
    expect(world.rules.asked).toEqual(['I was charged twice, card [card]']);
  });

  test('delivered again, also while it is being answered, gives one row and one reply', async () => {
    await world.start();
    const open = world.rules.hold();
    const { ts } = world.control.post({ text: 'I was charged twice' });
    await world.control.delivered();
    await world.control.redeliver('message');
    open();
    await replied(ts);
    await world.control.redeliver('message');
    await world.settle();
    expect(world.control.replies({ ts })).toHaveLength(1);
    expect((await tickets()).filter((ticket) => ticket.ts === ts)).toHaveLength(1);
  });

  test('of a bot, edited, unfurled, joined, in a thread or elsewhere is left alone', async () => {
    await world.start();
    const first = world.control.post({ text: 'Where is my invoice?' });
    await replied(first.ts);
    world.control.edit({ ts: first.ts, text: 'Where is my other invoice?' });
    world.control.unfurl({ ts: first.ts });
    world.control.post({ text: 'is it not in your mailbox?', user: PEOPLE.agent, threadTs: first.ts });
    world.control.post({ text: 'a party on Friday', channel: CHANNELS.general });
    world.control.join(CHANNELS.support, PEOPLE.otherCustomer);
    await world.settle();
    expect(world.rules.asked).toEqual(['Where is my invoice?']);
    expect(await tickets()).toHaveLength(1);
  });

  test('that is chatter gets no reply', async () => {
    await world.start();
    const { ts } = world.control.post({ text: 'thank you all!' });
    await world.settle();
    expect(world.control.replies({ ts })).toEqual([]);
    expect((await tickets())[0]).toMatchObject({ ts, closed: 'chatter', replyTs: null });
  });

  test('of 40,000 characters is kept, and its writer is told privately', async () => {
    await world.start();
    const { ts } = world.control.post({ text: 'refund '.repeat(5_714) });
    const answer = await world.control.until('a private answer', () => world.control.ephemerals(PEOPLE.customer)[0]);
    expect(answer.text).toContain('39,997 characters, and I read at most 10,000');
    await world.settle();
    expect(world.control.replies({ ts })).toEqual([]);
    expect((await tickets())[0]).toMatchObject({ ts, closed: 'too_long' });
  });
});

describe('a reply', () => {
  test('whose answer was lost is found in the thread, and not posted again', async () => {
    await world.start();
    world.control.fail('chat.postMessage', { status: 500, afterwards: true });
    const { ts } = world.control.post({ text: 'I was charged twice' });
    await world.control.until('the thread to be looked at', () => world.control.calls('conversations.replies').length > 0);
    await world.settle();
    expect(world.control.replies({ ts })).toHaveLength(1);
    expect((await tickets())[0]?.replyTs).toBe(world.control.replies({ ts })[0]?.ts);
  });

  test('that Slack limits is posted after the wait', async () => {
    await world.start();
    world.control.fail('chat.postMessage', { error: 'ratelimited', retryAfter: 1 });
    const { ts } = world.control.post({ text: 'I was charged twice' });
    await replied(ts);
    expect(world.control.replies({ ts })).toHaveLength(1);
  });

  test('that Slack refuses is tried once, and the next message is answered', async () => {
    await world.start();
    world.control.fail('chat.postMessage', { error: 'is_archived' });
    const { ts } = world.control.post({ text: 'I was charged twice' });
    await world.control.until('the refusal', () => world.control.calls('chat.postMessage').some((call) => !call.ok));
    const next = world.control.post({ text: 'I cannot log in' });
    await replied(next.ts);
    const later = world.control.post({ text: 'left by a crash', user: PEOPLE.agent, subtype: 'me_message' });
    await leave(later.ts);
    await replied(later.ts);
    await world.settle();
    expect(world.control.replies({ ts })).toEqual([]);
    expect(world.control.calls('chat.postMessage')).toHaveLength(3);
  });
});

describe('after a crash', () => {
  let message: { ts: string };
  beforeEach(() => {
    message = world.control.post({ text: 'I was charged twice' });
  });

  test('a message that was stored is answered', async () => {
    await leave(message.ts);
    await world.start();
    expect(shown(await replied(message.ts))).toContain('Billing');
  });

  test('a reply that was posted but not noted is found', async () => {
    const { ticket } = await leave(message.ts);
    const ts = await postOnce(world.slack, ticket, { text: 'Billing', blocks: [] }, false);
    await world.start();
    await world.control.until('the thread to be looked at', () => world.control.calls('conversations.replies').length > 0);
    await world.settle();
    expect(world.control.replies(message)).toHaveLength(1);
    expect((await tickets())[0]?.replyTs).toBe(ts);
  });

  test('two bots answer it once', async () => {
    await leave(message.ts);
    await Promise.all([world.start(), world.start()]);
    await replied(message.ts);
    await world.settle();
    expect(world.control.replies(message)).toHaveLength(1);
  });
});

describe('a correction', () => {
  let ts: string;
  beforeEach(async () => {
    await world.start();
    ts = world.control.post({ text: 'I was charged twice' }).ts;
    await replied(ts);
  });

  test('on the message or on the reply is kept, shown, changed and taken back', async () => {
    world.control.react({ ts, user: PEOPLE.agent, name: 'key' });
    const reply = await replyShows(ts, `:moneybag: ~Billing~ :key: *Account/Login*, corrected by <@${PEOPLE.agent}>`);
    world.control.react({ ts: reply.ts, user: PEOPLE.agent, name: 'bulb' });
    await replyShows(ts, `~Billing~ :bulb: *General Inquiry*, corrected by <@${PEOPLE.agent}>`);
    world.control.react({ ts: reply.ts, user: PEOPLE.admin, name: 'red_circle' });
    await replyShows(ts, `~Medium~ :red_circle: *High* priority, corrected by <@${PEOPLE.admin}>`);
    expect(await feedback()).toMatchObject([
      { userId: PEOPLE.agent, kind: 'category', value: 'general' },
      { userId: PEOPLE.admin, kind: 'priority', value: 'high' },
    ]);
    world.control.unreact({ ts: reply.ts, user: PEOPLE.agent, name: 'bulb' });
    await replyShows(ts, ':key: *Account/Login*, corrected');
    world.control.unreact({ ts, user: PEOPLE.agent, name: 'key' });
    await replyShows(ts, ':moneybag: *Billing* · 92 % sure');
    expect(await feedback()).toMatchObject([{ userId: PEOPLE.admin, kind: 'priority', value: 'high' }]);
    expect(world.control.replies({ ts })).toHaveLength(1);
  });

  test('answers a question, which is asked again when it is taken back', async () => {
    const { ts: doubtful } = world.control.post({ text: 'I was charged somehow' });
    await replyShows(doubtful, 'Not sure: :moneybag: *Billing* (92 %)?');
    world.control.react({ ts: doubtful, user: PEOPLE.agent, name: 'moneybag' });
    await replyShows(doubtful, `:moneybag: *Billing*, confirmed by <@${PEOPLE.agent}>`);
    world.control.unreact({ ts: doubtful, user: PEOPLE.agent, name: 'moneybag' });
    await replyShows(doubtful, 'Not sure: :moneybag: *Billing*');
    expect(world.control.replies({ ts: doubtful })).toHaveLength(1);
  });

  test('of right and wrong', async () => {
    world.control.react({ ts, user: PEOPLE.agent, name: 'white_check_mark' });
    world.control.react({ ts, user: PEOPLE.admin, name: 'x' });
    await replyShows(ts, `:white_check_mark: Right, says <@${PEOPLE.agent}> · :x: Wrong, says <@${PEOPLE.admin}>`);
  });

  test('delivered again or in disorder changes nothing', async () => {
    world.control.react({ ts, user: PEOPLE.agent, name: 'key' });
    await replyShows(ts, '*Account/Login*');
    world.control.unreact({ ts, user: PEOPLE.agent, name: 'key' });
    await replyShows(ts, '*Billing*');
    await world.control.redeliver('reaction_added');
    world.control.react({ ts, user: PEOPLE.agent, name: 'white_check_mark' });
    await replyShows(ts, 'Right, says');
    expect(await feedback()).toMatchObject([{ kind: 'verdict', value: 'right' }]);
  });

  test('of the bot itself, with another emoji or on another message is left alone', async () => {
    await world.slack.client.reactions.add({ channel: CHANNELS.support, timestamp: ts, name: 'key' });
    world.control.react({ ts, user: PEOPLE.agent, name: 'eyes' });
    const other = world.control.post({ text: 'thanks', user: PEOPLE.agent, threadTs: ts });
    world.control.react({ ts: other.ts, user: PEOPLE.admin, name: 'key' });
    world.control.react({ ts, user: PEOPLE.agent, name: 'x' });
    await replyShows(ts, 'Wrong, says');
    expect(await feedback()).toMatchObject([{ kind: 'verdict', value: 'wrong' }]);
  });

  test('that overtakes its message counts', async () => {
    const open = world.rules.hold();
    const early = world.control.post({ text: 'I cannot log in' });
    world.control.react({ ts: early.ts, user: PEOPLE.agent, name: 'moneybag' });
    await world.control.delivered();
    open();
    await replyShows(early.ts, ':key: ~Account/Login~ :moneybag: *Billing*, corrected');
  });

  test('is shown as the last state, however many come at once', async () => {
    for (const name of ['key', 'bulb', 'moneybag', 'red_circle', 'large_green_circle', 'x'])
      world.control.react({ ts, user: PEOPLE.agent, name });
    for (const name of ['bulb', 'moneybag', 'large_green_circle', 'x']) world.control.unreact({ ts, user: PEOPLE.agent, name });
    const reply = await replyShows(ts, '~Billing~ :key: *Account/Login*');
    await world.control.delivered();
    await world.control.until('the last state', () => {
      const text = shown(world.control.message({ ts: reply.ts }));
      return text.includes('*Account/Login*') && text.includes('*High* priority, corrected') && !text.includes('Wrong');
    });
    await world.settle();
    const text = shown(world.control.message({ ts: reply.ts }));
    expect(text).toContain('*Account/Login*');
    expect(text).not.toContain('Wrong');
  });
});
