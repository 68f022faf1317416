import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type FeedbackEvent, storeFeedback } from '../db/feedback.ts';
import type { Ticket } from '../db/tables.ts';
import { findTicket } from '../db/tickets.ts';
import type { Deps } from './deps.ts';
import { labelOfReaction } from './label-of-reaction.ts';
import type { Triage } from './triage.ts';

/** What Ticketwise reads of `reaction_added` and `reaction_removed`; Slack sends more, which is ignored. */
const reactionEvent = z.object({
  type: z.enum(['reaction_added', 'reaction_removed']),
  user: z.string().min(1),
  reaction: z.string(),
  item: z.object({ type: z.literal('message'), channel: z.string().min(1), ts: z.string().min(1) }),
  event_ts: z.string().min(1),
});
type ReactionEvent = z.infer<typeof reactionEvent>;

/** Pauses until a message is looked for again whose event Slack may deliver after that of its reaction, in ms. */
const LOOKS = [0, 200, 800, 2_000];
/** Reactions later than this after their message do not overtake it, in seconds. */
const OVERTAKING = 60;

/**
 * Stores what a reaction says of a ticket, or takes it back, and has the reply edited. Reactions of the bot itself,
 * on other messages and with other emoji are left alone.
 * @param onSafe called as soon as the reaction is stored, or is known to be none of ours
 */
export async function correct(
  deps: Deps,
  triage: Triage,
  event: unknown,
  isSupportChannel: (id: string) => boolean,
  onSafe: () => void,
): Promise<void> {
  const parsed = reactionEvent.safeParse(event);
  if (!parsed.success || parsed.data.user === deps.slack.botUserId || !isSupportChannel(parsed.data.item.channel)) return;
  const said = labelOfReaction(parsed.data.reaction, deps.model.labels);
  if (said === undefined) return;
  const ticket = await ticketOf(deps, parsed.data, onSafe);
  if (ticket === undefined) return;
  const { type, user, item, event_ts } = parsed.data;
  await storeWord(deps, ticket, {
    ...said,
    userId: user,
    source: 'reaction',
    itemTs: item.ts,
    action: type === 'reaction_added' ? 'set' : 'retract',
    eventTs: event_ts,
  });
  onSafe();
  await triage.refresh(ticket);
}

async function ticketOf({ db, slack }: Deps, { item, event_ts }: ReactionEvent, onMissing: () => void): Promise<Ticket | undefined> {
  const looks = Number(event_ts) - Number(item.ts) < OVERTAKING ? LOOKS : [0];
  for (const pause of looks) {
    if (pause > 0) await delay(pause);
    const ticket = await findTicket(db, slack.teamId, item.channel, item.ts);
    if (ticket !== undefined) return ticket;
    // Most are reactions to what is no ticket: Slack does not wait for the further looks.
    onMissing();
  }
  return undefined;
}

/** Stores one word of one person, or takes it back. */
export async function storeWord({ db, slack, log }: Deps, ticket: Ticket, word: Omit<FeedbackEvent, 'teamId' | 'ticketId'>): Promise<void> {
  const isNew = await storeFeedback(db, { teamId: slack.teamId, ticketId: ticket.id, ...word });
  const { kind, value, source, action } = word;
  if (isNew) log.info({ ticket: ticket.id, kind, value, source, action }, 'Corrected');
}
