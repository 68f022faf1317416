import { z } from 'zod';
import { messageText } from './message-text.ts';

/** What Ticketwise reads of a `message` event; Slack sends more, which is ignored. */
const messageEvent = z.object({
  channel: z.string().min(1),
  ts: z.string().min(1),
  user: z.string().min(1).optional(),
  text: z.string().optional(),
  subtype: z.string().optional(),
  bot_id: z.string().nullish(),
  hidden: z.boolean().optional(),
  thread_ts: z.string().optional(),
});

/** A message that becomes a ticket, its text as people read it. */
export type Incoming = { channelId: string; ts: string; userId: string; text: string };

/** Who is asking, and where the answer is wanted. */
export type Place = { botUserId: string; isSupportChannel: (channelId: string) => boolean };

const SLACKBOT = 'USLACKBOT';

/**
 * Decides which message events are tickets: what a person writes at the top level of a support channel.
 * Edits, deletions, joins, unfurls, bots, threads and other channels give undefined.
 */
export function triageable(event: unknown, { botUserId, isSupportChannel }: Place): Incoming | undefined {
  const parsed = messageEvent.safeParse(event);
  if (!parsed.success) return undefined;
  const { channel, ts, user, subtype, bot_id, hidden, thread_ts } = parsed.data;
  if (subtype !== undefined && subtype !== 'file_share') return undefined;
  if (hidden === true || (bot_id ?? '') !== '' || user === undefined || user === botUserId || user === SLACKBOT) return undefined;
  if (thread_ts !== undefined && thread_ts !== ts) return undefined;
  if (!isSupportChannel(channel)) return undefined;
  const text = messageText(parsed.data.text ?? '');
  return text === '' ? undefined : { channelId: channel, ts, userId: user, text };
}
