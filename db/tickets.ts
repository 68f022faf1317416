import type { Db } from './database.ts';
import type { Closed, Ticket } from './tables.ts';

export type NewTicket = { teamId: string; channelId: string; ts: string; userId: string; text: string };

/** Stores a message once: delivered again it gives the ticket that is there, and `isNew` is false. */
export async function storeTicket(db: Db, ticket: NewTicket): Promise<{ ticket: Ticket; isNew: boolean }> {
  const stored = await db
    .insertInto('tickets')
    // PostgreSQL stores any character but this one.
    .values({ ...ticket, text: ticket.text.replaceAll('\0', '') })
    .onConflict((conflict) => conflict.columns(['teamId', 'channelId', 'ts']).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (stored) return { ticket: stored, isNew: true };
  const there = await db
    .selectFrom('tickets')
    .selectAll()
    .where('teamId', '=', ticket.teamId)
    .where('channelId', '=', ticket.channelId)
    .where('ts', '=', ticket.ts)
    .executeTakeFirstOrThrow();
  return { ticket: there, isNew: false };
}

/** The ticket of a message: the customer's or the bot's reply to it. */
export function findTicket(db: Db, teamId: string, channelId: string, ts: string): Promise<Ticket | undefined> {
  return db
    .selectFrom('tickets')
    .selectAll()
    .where('teamId', '=', teamId)
    .where('channelId', '=', channelId)
    .where((where) => where.or([where('ts', '=', ts), where('replyTs', '=', ts)]))
    .executeTakeFirst();
}

/** Notes the reply that was posted. The first one stays; false says that another was there already. */
export async function setReply(db: Db, ticketId: number, replyTs: string): Promise<boolean> {
  const updated = await db
    .updateTable('tickets')
    .set((set) => ({ replyTs: set.fn.coalesce('replyTs', set.val(replyTs)) }))
    .where('id', '=', ticketId)
    .returning('replyTs')
    .executeTakeFirst();
  return updated?.replyTs === replyTs;
}

/** Tickets stored since a time that were neither answered nor closed, oldest first: what a restart has to make up for. */
export function ticketsAwaitingReply(db: Db, teamId: string, since: Date): Promise<Ticket[]> {
  return db
    .selectFrom('tickets')
    .selectAll()
    .where('teamId', '=', teamId)
    .where('createdAt', '>=', since)
    .where('replyTs', 'is', null)
    .where('closed', 'is', null)
    .orderBy('id')
    .execute();
}

/** Says that a ticket gets no reply, and why. */
export async function closeWithoutReply(db: Db, ticketId: number, why: Closed): Promise<void> {
  await db.updateTable('tickets').set({ closed: why }).where('id', '=', ticketId).execute();
}
