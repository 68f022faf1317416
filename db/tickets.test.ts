import { afterAll, describe, expect, it } from 'vitest';
import { latestPrediction, storePrediction } from './predictions.ts';
import type { Score } from './tables.ts';
import { openTestDatabase } from './testing.ts';
import { closeWithoutReply, findTicket, setReply, storeTicket, ticketsAwaitingReply } from './tickets.ts';

const { db, close } = await openTestDatabase();
afterAll(close);

const message = (ts: string, teamId = 'T1') => ({ teamId, channelId: 'C1', ts, userId: 'U1', text: 'My card has not arrived' });
const longAgo = new Date(0);

describe('a message', () => {
  it('is one ticket however often it is delivered, and at once', async () => {
    const stored = await Promise.all(Array.from({ length: 8 }, () => storeTicket(db, message('1.000001'))));
    expect(stored.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(stored.map(({ ticket }) => ticket.id)).size).toBe(1);
    expect(stored[0]?.ticket).toEqual({
      ...message('1.000001'),
      id: expect.any(Number),
      replyTs: null,
      closed: null,
      createdAt: expect.any(Date),
    });
  });

  it('keeps the text it came with first', async () => {
    await storeTicket(db, message('1.000002'));
    const again = await storeTicket(db, { ...message('1.000002'), text: 'edited' });
    expect(again).toMatchObject({ isNew: false, ticket: { text: 'My card has not arrived' } });
  });

  it.each([
    { name: 'emoji and other scripts', text: 'Где 📦? \u202eabc', kept: 'Где 📦? \u202eabc' },
    { name: '40,000 characters', text: 'é'.repeat(40_000), kept: 'é'.repeat(40_000) },
    { name: 'a null character, which is dropped', text: 'a\0b', kept: 'ab' },
    { name: 'quotes and SQL', text: `'; drop table tickets; --`, kept: `'; drop table tickets; --` },
  ])('may hold $name', async ({ name, text, kept }) => {
    const { ticket } = await storeTicket(db, { ...message('1.000009', name), text });
    expect(ticket.text).toBe(kept);
  });

  it('of another workspace with the same channel and time is another ticket', async () => {
    const one = await storeTicket(db, message('1.000003'));
    const other = await storeTicket(db, message('1.000003', 'T2'));
    expect(other.isNew).toBe(true);
    expect(other.ticket.id).not.toBe(one.ticket.id);
  });

  it('is found by its own time and by that of the reply, in its own workspace only', async () => {
    const { ticket } = await storeTicket(db, message('2.000001'));
    expect(await setReply(db, ticket.id, '2.000099')).toBe(true);
    for (const ts of ['2.000001', '2.000099']) expect((await findTicket(db, 'T1', 'C1', ts))?.id).toBe(ticket.id);
    expect(await findTicket(db, 'T2', 'C1', '2.000099')).toBeUndefined();
    expect(await findTicket(db, 'T1', 'C2', '2.000099')).toBeUndefined();
    expect(await findTicket(db, 'T1', 'C1', '2.000050')).toBeUndefined();
  });

  it('keeps its first reply', async () => {
    const { ticket } = await storeTicket(db, message('2.000002'));
    expect(await setReply(db, ticket.id, '2.000100')).toBe(true);
    expect(await setReply(db, ticket.id, '2.000100')).toBe(true);
    expect(await setReply(db, ticket.id, '2.000101')).toBe(false);
    expect((await findTicket(db, 'T1', 'C1', '2.000002'))?.replyTs).toBe('2.000100');
  });

  it('awaits a reply until it has one or is closed', async () => {
    const [first, second, third, fourth] = await Promise.all(
      ['3.1', '3.2', '3.3', '3.4'].map(async (ts) => (await storeTicket(db, message(ts, 'T3'))).ticket.id),
    );
    if (!first || !second || !third || !fourth) throw new Error('four tickets expected');
    const awaiting = async (since: Date) => (await ticketsAwaitingReply(db, 'T3', since)).map(({ id }) => id).sort((a, b) => a - b);
    expect(await awaiting(longAgo)).toEqual([first, second, third, fourth].sort((a, b) => a - b));
    await setReply(db, second, '3.9');
    await closeWithoutReply(db, third, 'too_long');
    await closeWithoutReply(db, fourth, 'chatter');
    expect(await awaiting(longAgo)).toEqual([first]);
    expect(await awaiting(new Date(Date.now() + 3_600_000))).toEqual([]);
  });
});

describe('a prediction', () => {
  const score = (id: string, probability: number): Score => ({ id, probability });
  const predicted = (model: string, category: string) => ({
    model,
    category: score(category, 0.9),
    priority: score('high', 0.8),
    intent: score('card_arrival', 0.7),
    categories: [score(category, 0.9), score('technical', 0.1)],
    priorities: [score('high', 0.8)],
    intents: [score('card_arrival', 0.7)],
    chatter: 0.01,
    sure: false,
    inScope: true,
    silent: false,
  });

  it('is stored once for each model, and the newest is the latest', async () => {
    const { ticket } = await storeTicket(db, message('4.000001'));
    expect(await latestPrediction(db, ticket.id)).toBeUndefined();
    const first = await storePrediction(db, ticket, predicted('aaa', 'order'));
    expect(await storePrediction(db, ticket, predicted('aaa', 'billing'))).toEqual(first);
    expect(first).toMatchObject({
      teamId: 'T1',
      ticketId: ticket.id,
      modelVersion: 'aaa',
      category: 'order',
      categoryProbability: 0.9,
      categories: [score('order', 0.9), score('technical', 0.1)],
      chatter: 0.01,
      sure: false,
      inScope: true,
      silent: false,
    });
    const second = await storePrediction(db, ticket, predicted('bbb', 'billing'));
    expect(await latestPrediction(db, ticket.id)).toEqual(second);
  });
});
