import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { PEOPLE } from './playground/workspace.ts';
import { eachInWorld, shown, type World } from './testing.ts';

let world: World;
eachInWorld((opened) => {
  world = opened;
});

/** What stands, without ids and times. */
const standing = async () =>
  (await world.db.selectFrom('currentFeedback').select(['userId', 'kind', 'value', 'source']).execute())
    .map(({ userId, kind, value, source }) => `${source}: ${userId} says ${kind} ${value}`)
    .sort();
const said = (user: string, source: string, ...words: string[]) => words.map((word) => `${source}: ${user} says ${word}`).sort();
const replyShows = (ts: string, part: string) =>
  world.control.until(`a reply with "${part}"`, () => world.control.replies({ ts }).find((reply) => shown(reply).includes(part)));
/** Posts a message and waits for the reply. */
async function ask(text: string): Promise<{ ts: string; reply: string }> {
  const { ts } = world.control.post({ text });
  const { ts: reply } = await world.control.until('a reply', () => world.control.replies({ ts })[0]);
  return { ts, reply };
}

const { agent, admin } = PEOPLE;
const modal = (user: string) => world.control.views().find((view) => view.kind === 'modal' && view.user === user);
/** Opens the form at a reply. */
async function open(reply: string, user = agent) {
  await world.control.click({ ts: reply, user, actionId: 'correct' });
  return world.control.until('the form', () => modal(user));
}
const menu = (value: string | null) => ({ chosen: { type: 'static_select', selected_option: value === null ? null : { value } } });
const send = (viewId: string, category: string, priority: string, intent: string | null, user = agent) =>
  world.control.submit({ user, viewId, values: { category: menu(category), priority: menu(priority), intent: menu(intent) } });

beforeEach(() => world.start());

describe('a button', () => {
  test('says that the reply is right, however often it is clicked', async () => {
    const { ts, reply } = await ask('I was charged twice');
    for (const user of [agent, agent, admin]) await world.control.click({ ts: reply, user, actionId: 'say:verdict:right' });
    await replyShows(ts, `Right, says <@${agent}> and <@${admin}>`);
    expect(await standing()).toEqual([agent, admin].flatMap((user) => said(user, 'button', 'verdict right')).sort());
  });

  test('answers the question of a reply that is not sure', async () => {
    const { ts, reply } = await ask('somehow it does not work');
    expect(shown(world.control.message({ ts: reply }))).toContain('say:category:general');
    await world.control.click({ ts: reply, user: agent, actionId: 'say:category:general' });
    await replyShows(ts, `*General Inquiry*, confirmed by <@${agent}>`);
    expect(await standing()).toEqual(said(agent, 'button', 'category general'));
  });

  test('and a reaction of one person: the last word counts', async () => {
    const { ts, reply } = await ask('somehow it does not work');
    await world.control.click({ ts: reply, user: agent, actionId: 'say:category:general' });
    await replyShows(ts, 'confirmed by');
    world.control.react({ ts, user: agent, name: 'key' });
    await replyShows(ts, '*Account/Login*, corrected by');
    expect(await standing()).toEqual(said(agent, 'reaction', 'category account'));
  });

  test('of a ticket that is not there any more is answered privately', async () => {
    const { ts, reply } = await ask('I was charged twice');
    await world.db.deleteFrom('tickets').where('ts', '=', ts).execute();
    for (const actionId of ['say:verdict:right', 'correct']) await world.control.click({ ts: reply, user: agent, actionId });
    await world.control.until('two answers', () => world.control.ephemerals(agent).length === 2);
    for (const { text } of world.control.ephemerals(agent)) expect(text).toContain('I do not know this ticket any more');
  });

  test('that cannot be stored is answered privately, and nothing changes', async () => {
    const { ts, reply } = await ask('I was charged twice');
    await sql`alter table feedback rename to feedback_away`.execute(world.db);
    try {
      await world.control.click({ ts: reply, user: agent, actionId: 'say:verdict:right' });
      const answer = await world.control.until('an answer', () => world.control.ephemerals(agent)[0]);
      expect(answer.text).toContain('nothing was changed');
    } finally {
      await sql`alter table feedback_away rename to feedback`.execute(world.db);
    }
    expect(shown(world.control.replies({ ts })[0])).not.toContain('says');
  });
});

describe('a form', () => {
  test('corrects category, priority and intent', async () => {
    const { ts, reply } = await ask('I was charged twice');
    const view = await open(reply);
    await send(view.id, 'account', 'high', 'login');
    await replyShows(ts, `:moneybag: ~Billing~ :key: *Account/Login*, corrected by <@${agent}>`);
    const text = shown(world.control.message({ ts: reply }));
    expect(text).toContain(`:red_circle: *High* priority, corrected by <@${agent}>`);
    expect(text).toContain(`Intent: login, says <@${agent}>`);
    expect(await standing()).toEqual(said(agent, 'form', 'category account', 'intent login', 'priority high'));
    expect(modal(agent)).toBeUndefined();
  });

  test('stays open with what does not fit, and nothing of it is stored', async () => {
    const { reply } = await ask('I was charged twice');
    const view = await open(reply);
    await send(view.id, 'billing', 'low', 'login');
    expect(modal(agent)?.errors).toEqual({ intent: 'That is an intent of Account/Login. Choose that category, or another intent.' });
    expect(await standing()).toEqual([]);
    await send(view.id, 'account', 'low', 'login');
    expect(modal(agent)).toBeUndefined();
    expect(await standing()).toHaveLength(3);
  });

  test('stays open while it cannot be stored', async () => {
    const { reply } = await ask('I was charged twice');
    const view = await open(reply);
    await sql`alter table feedback rename to feedback_away`.execute(world.db);
    try {
      await send(view.id, 'account', 'high', null);
      expect(modal(agent)?.errors?.category).toContain('Not saved');
    } finally {
      await sql`alter table feedback_away rename to feedback`.execute(world.db);
    }
    await send(view.id, 'account', 'high', null);
    expect(modal(agent)).toBeUndefined();
    expect(await standing()).toEqual(said(agent, 'form', 'category account', 'priority high'));
  });

  test('without the intent that one named before takes that back, and no one else’s', async () => {
    const { ts, reply } = await ask('I was charged twice');
    for (const user of [agent, admin]) await send((await open(reply, user)).id, 'account', 'high', 'login', user);
    await send((await open(reply)).id, 'account', 'high', null);
    await replyShows(ts, `Intent: login, says <@${admin}>`);
    expect((await standing()).filter((word) => word.includes('intent'))).toEqual(said(admin, 'form', 'intent login'));
  });

  test('says that a message is no ticket', async () => {
    const { ts, reply } = await ask('I was charged twice');
    await send((await open(reply)).id, 'chatter', 'medium', null);
    await replyShows(ts, ':moneybag: ~Billing~ :speech_balloon: *No ticket*, corrected by');
    expect(shown(world.control.message({ ts: reply }))).not.toContain('priority');
  });

  test('that Slack does not open is told privately', async () => {
    const { reply } = await ask('I was charged twice');
    world.control.fail('views.open', { error: 'expired_trigger_id' });
    await world.control.click({ ts: reply, user: agent, actionId: 'correct' });
    await world.control.until('an answer', () => world.control.ephemerals(agent)[0]);
    expect(modal(agent)).toBeUndefined();
  });
});
