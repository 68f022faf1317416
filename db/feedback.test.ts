import { afterAll, describe, expect, it } from 'vitest';
import { currentFeedback, type FeedbackEvent, feedbackForTraining, storeFeedback } from './feedback.ts';
import { storePrediction } from './predictions.ts';
import { openTestDatabase } from './testing.ts';
import { storeTicket } from './tickets.ts';

const { db, close } = await openTestDatabase();
afterAll(close);

let clock = 0;
async function newTicket(teamId = 'T1') {
  const ts = `1700000000.${String(++clock).padStart(6, '0')}`;
  const { ticket } = await storeTicket(db, { teamId, channelId: 'C1', ts, userId: 'customer', text: `message ${ts}` });
  return ticket;
}

type Step = Partial<Omit<FeedbackEvent, 'teamId' | 'ticketId'>> & { at: number };

function event(ticket: { id: number; teamId: string }, { at, ...step }: Step): FeedbackEvent {
  return {
    teamId: ticket.teamId,
    ticketId: ticket.id,
    userId: 'ann',
    kind: 'category',
    value: 'billing',
    source: 'reaction',
    itemTs: 'message',
    action: 'set',
    eventTs: `17000000${String(at).padStart(2, '0')}.000000`,
    ...step,
  };
}

const set = (value: string, at: number, more: Partial<Step> = {}): Step => ({ value, at, ...more });
const retract = (value: string, at: number, more: Partial<Step> = {}): Step => ({ value, at, action: 'retract', ...more });
const onReply = { itemTs: 'reply' };

const cases: { name: string; steps: Step[]; stands: string[] }[] = [
  { name: 'one word', steps: [set('billing', 1)], stands: ['ann category billing'] },
  { name: 'the newer of two words', steps: [set('billing', 1), set('technical', 2)], stands: ['ann category technical'] },
  { name: 'nothing after it was taken back', steps: [set('billing', 1), retract('billing', 2)], stands: [] },
  {
    name: 'the older word after the newer was taken back',
    steps: [set('billing', 1), set('technical', 2), retract('technical', 3)],
    stands: ['ann category billing'],
  },
  {
    name: 'the newer word after the older was taken back',
    steps: [set('billing', 1), set('technical', 2), retract('billing', 3)],
    stands: ['ann category technical'],
  },
  {
    name: 'a word that was set again',
    steps: [set('billing', 1), retract('billing', 2), set('billing', 3)],
    stands: ['ann category billing'],
  },
  {
    name: 'the same emoji on message and reply: one taken back, one left',
    steps: [set('billing', 1), set('billing', 2, onReply), retract('billing', 3)],
    stands: ['ann category billing'],
  },
  {
    name: 'the form, although the reaction that it outdid was taken back later',
    steps: [set('billing', 1), set('technical', 2, { source: 'form', itemTs: '' }), retract('billing', 3)],
    stands: ['ann category technical'],
  },
  {
    name: 'a word for each kind',
    steps: [set('billing', 1), set('high', 2, { kind: 'priority' }), set('right', 3, { kind: 'verdict' })],
    stands: ['ann category billing', 'ann priority high', 'ann verdict right'],
  },
  {
    name: 'a word for each person',
    steps: [set('billing', 1), set('technical', 2, { userId: 'bob' }), retract('billing', 3)],
    stands: ['bob category technical'],
  },
  {
    name: 'the last verdict',
    steps: [set('right', 1, { kind: 'verdict' }), set('wrong', 2, { kind: 'verdict' })],
    stands: ['ann verdict wrong'],
  },
  {
    name: 'nothing for what was only taken back',
    steps: [retract('billing', 1)],
    stands: [],
  },
];

async function standing(ticketId: number): Promise<string[]> {
  return (await currentFeedback(db, ticketId)).map(({ userId, kind, value }) => `${userId} ${kind} ${value}`);
}

function orders<T>(items: T[]): T[][] {
  return items.length < 2 ? [items] : items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

describe('what stands', () => {
  it.each(cases)('is $name', async ({ steps, stands }) => {
    const ticket = await newTicket();
    for (const step of steps) expect(await storeFeedback(db, event(ticket, step))).toBe(true);
    expect(await standing(ticket.id)).toEqual(stands);
  });

  it.each(cases)('is $name, in whatever order Slack delivers, and twice', async ({ steps, stands }) => {
    for (const order of orders(steps)) {
      const ticket = await newTicket();
      for (const step of order) expect(await storeFeedback(db, event(ticket, step))).toBe(true);
      for (const step of order) expect(await storeFeedback(db, event(ticket, step))).toBe(false);
      expect(await standing(ticket.id)).toEqual(stands);
    }
  });
});

describe('an event', () => {
  it('is kept once when it is delivered eight times at once', async () => {
    const ticket = await newTicket();
    const kept = await Promise.all(Array.from({ length: 8 }, () => storeFeedback(db, event(ticket, set('billing', 1)))));
    expect(kept.filter(Boolean)).toHaveLength(1);
  });

  it('says what it replaced, even when two arrive at once', async () => {
    const ticket = await newTicket();
    await Promise.all([storeFeedback(db, event(ticket, set('billing', 1))), storeFeedback(db, event(ticket, set('technical', 2)))]);
    await storeFeedback(db, event(ticket, set('order', 3)));
    const kept = await db.selectFrom('feedback').selectAll().where('ticketId', '=', ticket.id).orderBy('id').execute();
    expect(kept.map(({ replaces }) => replaces)).toEqual([null, kept[0]?.value, 'technical']);
  });

  it('keeps the time as Slack wrote it', async () => {
    const ticket = await newTicket();
    await storeFeedback(db, { ...event(ticket, set('billing', 1)), eventTs: '1712345678.000100' });
    expect((await currentFeedback(db, ticket.id))[0]?.eventTs).toBe('1712345678.000100');
  });

  it('of another workspace is refused', async () => {
    const ticket = await newTicket();
    await expect(storeFeedback(db, event({ id: ticket.id, teamId: 'T2' }, set('billing', 1)))).rejects.toMatchObject({ code: 'not_found' });
    expect(await standing(ticket.id)).toEqual([]);
  });

  it('fits in a transaction that fails later', async () => {
    const ticket = await newTicket();
    const failed = db.transaction().execute(async (trx) => {
      await storeFeedback(trx, event(ticket, set('billing', 1)));
      throw new Error('later');
    });
    await expect(failed).rejects.toThrow('later');
    expect(await standing(ticket.id)).toEqual([]);
  });
});

describe('feedback for training', () => {
  it('is every ticket of the team with a word that stands, and what the newest model had said', async () => {
    const score = (id: string) => ({ id, probability: 0.9 });
    const predicted = (model: string, category: string) => ({
      model,
      category: score(category),
      priority: score('low'),
      intent: score('card_arrival'),
      categories: [],
      priorities: [],
      intents: [],
      chatter: 0,
      sure: true,
      inScope: true,
      silent: false,
    });
    const [corrected, confirmed, retracted, other] = [
      await newTicket('T9'),
      await newTicket('T9'),
      await newTicket('T9'),
      await newTicket('T8'),
    ];
    await newTicket('T9');
    await storePrediction(db, confirmed, predicted('old', 'order'));
    await storePrediction(db, confirmed, predicted('new', 'billing'));
    await storeFeedback(db, event(corrected, set('high', 2, { kind: 'priority', userId: 'bob' })));
    await storeFeedback(db, event(corrected, set('billing', 1)));
    await storeFeedback(db, event(confirmed, set('right', 1, { kind: 'verdict' })));
    await storeFeedback(db, event(retracted, set('billing', 1)));
    await storeFeedback(db, event(retracted, retract('billing', 2)));
    await storeFeedback(db, event(other, set('billing', 1)));
    expect(await feedbackForTraining(db, 'T9')).toEqual([
      {
        ticketId: corrected.id,
        text: corrected.text,
        words: [
          { userId: 'ann', kind: 'category', value: 'billing', eventTs: '1700000001.000000' },
          { userId: 'bob', kind: 'priority', value: 'high', eventTs: '1700000002.000000' },
        ],
        prediction: null,
      },
      {
        ticketId: confirmed.id,
        text: confirmed.text,
        words: [{ userId: 'ann', kind: 'verdict', value: 'right', eventTs: '1700000001.000000' }],
        prediction: { category: 'billing', priority: 'low', intent: 'card_arrival' },
      },
    ]);
  });
});
