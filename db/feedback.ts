import { type Insertable, sql } from 'kysely';
import { TicketwiseError } from '../errors.ts';
import { type Db, inTransaction } from './database.ts';
import type { Database, Feedback, FeedbackKind } from './tables.ts';

/** One reaction, click or form entry, as it happened; `eventTs` in seconds with six decimals, as Slack writes it. */
export type FeedbackEvent = Omit<Insertable<Database['feedback']>, 'id' | 'replaces' | 'createdAt'>;

/**
 * Appends an event. Which word stands follows from the events' own times, so that neither disorder nor redelivery matters.
 * @returns false when the event was there already
 * @throws `not_found` when the team has no such ticket
 */
export function storeFeedback(db: Db, event: FeedbackEvent): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    // One event of a ticket after the other: two that arrive at once would both miss what they replace.
    const ticket = await trx
      .selectFrom('tickets')
      .select('id')
      .where('id', '=', event.ticketId)
      .where('teamId', '=', event.teamId)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!ticket)
      throw new TicketwiseError('not_found', `Workspace ${event.teamId} has no ticket ${event.ticketId}, so its correction is not kept.`);
    const stored = await trx
      .insertInto('feedback')
      .values((insert) => ({
        ...event,
        replaces: insert
          .selectFrom('currentFeedback')
          .select('value')
          .where('teamId', '=', event.teamId)
          .where('ticketId', '=', event.ticketId)
          .where('userId', '=', event.userId)
          .where('kind', '=', event.kind),
      }))
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return stored !== undefined;
  });
}

/** The words that stand for a ticket: one for each person and kind, oldest first. */
export function currentFeedback(db: Db, ticketId: number): Promise<Feedback[]> {
  return db.selectFrom('currentFeedback').selectAll().where('ticketId', '=', ticketId).orderBy('eventTs').orderBy('id').execute();
}

/** A ticket that somebody corrected or confirmed. */
export type CorrectedTicket = {
  ticketId: number;
  text: string;
  /** oldest first */
  words: { userId: string; kind: FeedbackKind; value: string; eventTs: string }[];
  /** what the newest prediction said, which is what a verdict speaks of */
  prediction: { category: string; priority: string; intent: string } | null;
};

/** Every ticket of a team that has a word standing, by ticket id. */
export async function feedbackForTraining(db: Db, teamId: string): Promise<CorrectedTicket[]> {
  return db
    .selectFrom('currentFeedback as word')
    .innerJoin('tickets as ticket', 'ticket.id', 'word.ticketId')
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('predictions')
          .select(
            sql<CorrectedTicket['prediction']>`jsonb_build_object('category', category, 'priority', priority, 'intent', intent)`.as(
              'prediction',
            ),
          )
          .whereRef('predictions.ticketId', '=', 'ticket.id')
          .orderBy('predictions.id', 'desc')
          .limit(1)
          .as('latest'),
      (join) => join.onTrue(),
    )
    .select([
      'ticket.id as ticketId',
      'ticket.text',
      'latest.prediction',
      sql<CorrectedTicket['words']>`jsonb_agg(
        jsonb_build_object('userId', word.user_id, 'kind', word.kind, 'value', word.value, 'eventTs', word.event_ts::text)
        order by word.event_ts, word.id)`.as('words'),
    ])
    .where('word.teamId', '=', teamId)
    .groupBy(['ticket.id', 'latest.prediction'])
    .orderBy('ticket.id')
    .execute();
}
