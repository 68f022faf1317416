import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Ticket } from '../db/tables.ts';
import type { Content } from './blocks.ts';
import { type Slack, slackCode } from './slack.ts';

/** Marks our reply to a ticket, so that it is found again whatever happened after it was posted. */
const EVENT_TYPE = 'ticketwise_ticket';

const ownReply = z.object({
  ts: z.string(),
  metadata: z.object({ event_type: z.literal(EVENT_TYPE), event_payload: z.object({ ticket_id: z.number() }) }),
});

/** Pauses before a post is tried again, in ms. A rate limit was waited for before these begin. */
const PAUSES = [500, 2_000, 8_000, 20_000];

type Where = Pick<Ticket, 'id' | 'channelId' | 'ts'>;

/**
 * Posts the reply to a ticket, once. Slack has no key against doubles, so after a post whose answer was lost, and
 * where an earlier process may have posted, the thread is looked at first.
 * @returns `ts` of the reply
 * @throws what Slack said when it will not take it, or the last failure
 */
export async function postOnce(slack: Slack, ticket: Where, content: Content, mayBeThere: boolean): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    if (attempt > 0 || mayBeThere) {
      const there = await findReply(slack, ticket);
      if (there !== undefined) return there;
    }
    try {
      const posted = await slack.once.chat.postMessage({
        channel: ticket.channelId,
        thread_ts: ticket.ts,
        ...content,
        unfurl_links: false,
        unfurl_media: false,
        metadata: metadataOf(ticket),
      });
      return z.string().parse(posted.ts);
    } catch (error) {
      const pause = PAUSES[attempt];
      if (slackCode(error) !== undefined || pause === undefined) throw error;
      await delay(pause);
    }
  }
}

/** Replaces the text of our reply. */
export async function editReply(slack: Slack, ticket: Where & { replyTs: string }, content: Content): Promise<void> {
  await slack.client.chat.update({ channel: ticket.channelId, ts: ticket.replyTs, ...content, metadata: metadataOf(ticket) });
}

function metadataOf(ticket: Where) {
  return { event_type: EVENT_TYPE, event_payload: { ticket_id: ticket.id } };
}

/** Our own reply in a ticket's thread, by its metadata. */
async function findReply({ client }: Slack, ticket: Where): Promise<string | undefined> {
  let cursor: string | undefined;
  do {
    const page = await client.conversations
      .replies({
        channel: ticket.channelId,
        ts: ticket.ts,
        include_all_metadata: true,
        limit: 200,
        ...(cursor === undefined ? {} : { cursor }),
      })
      .catch((error: unknown) => {
        if (slackCode(error) === 'thread_not_found') return undefined;
        throw error;
      });
    for (const message of page?.messages ?? []) {
      const ours = ownReply.safeParse(message);
      if (ours.success && ours.data.metadata.event_payload.ticket_id === ticket.id) return ours.data.ts;
    }
    cursor = page?.response_metadata?.next_cursor || undefined;
  } while (cursor !== undefined);
  return undefined;
}
