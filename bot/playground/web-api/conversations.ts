import { z } from 'zod';
import { joinChannel, threadOf } from '../conversation.ts';
import type { Channel, Message } from '../wire.ts';
import { BOT, TEAM } from '../workspace.ts';
import { requireChannel, requireMembership } from './access.ts';
import { flag, limit, type Method, method, word } from './method.ts';
import { pageOf } from './paging.ts';
import { Refusal } from './refusal.ts';

const READ = ['channels:read', 'groups:read'];
const HISTORY = ['channels:history', 'groups:history'];
const paged = { limit: limit.default(100), cursor: z.string().optional() };
const span = { ...paged, oldest: z.string().default('0'), latest: z.string().optional(), inclusive: flag.default(false) };

/** `conversations.*`. */
export const conversations: Record<string, Method> = {
  'conversations.list': method(READ, z.object({ ...paged, types: z.string().default('public_channel') }), ({ workspace }, args) => {
    const channels = args.types.includes('public_channel') ? [...workspace.channels.values()] : [];
    const { page, ...metadata } = pageOf(channels, args);
    return { channels: page.map(slackChannel), ...metadata };
  }),
  'conversations.info': method(READ, z.object({ channel: word }), ({ workspace }, args) => ({
    channel: slackChannel(requireChannel(workspace, args.channel)),
  })),
  'conversations.members': method(READ, z.object({ channel: word, ...paged }), ({ workspace }, args) => {
    const { page, ...metadata } = pageOf(requireChannel(workspace, args.channel).members, args);
    return { members: page, ...metadata };
  }),
  'conversations.join': method(['channels:join'], z.object({ channel: word }), ({ workspace }, args) => {
    const channel = requireChannel(workspace, args.channel);
    const joined = joinChannel(workspace, channel.id, BOT.userId);
    return { channel: slackChannel(channel), ...(joined ? {} : { warning: 'already_in_channel' }) };
  }),
  'conversations.history': method(HISTORY, z.object({ channel: word, ...span }), ({ workspace }, args) => {
    const channel = requireMembership(workspace, args.channel);
    const messages = (workspace.messages.get(channel.id) ?? []).filter((message) => isRoot(message) && within(message.ts, args));
    const { page, ...metadata } = pageOf(messages.reverse(), args);
    return { messages: page, pin_count: 0, ...metadata };
  }),
  'conversations.replies': method(HISTORY, z.object({ channel: word, ts: word, ...span }), ({ workspace }, args) => {
    const channel = requireMembership(workspace, args.channel);
    const thread = threadOf(workspace, channel.id, args.ts);
    if (thread.length === 0) throw new Refusal('thread_not_found');
    const { page, ...metadata } = pageOf(
      thread.filter((message) => message.ts === args.ts || within(message.ts, args)),
      args,
    );
    return { messages: page, ...metadata };
  }),
};

function isRoot(message: Message): boolean {
  return message.thread_ts === undefined || message.thread_ts === message.ts;
}

/** Timestamps compare as text: seconds have ten digits until the year 2286. */
function within(ts: string, { oldest, latest, inclusive }: { oldest: string; latest?: string | undefined; inclusive: boolean }): boolean {
  const lower = Number(oldest) === 0 || (inclusive ? ts >= oldest : ts > oldest);
  return lower && (latest === undefined || (inclusive ? ts <= latest : ts < latest));
}

function slackChannel(channel: Channel): Record<string, unknown> {
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: true,
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_private: false,
    is_archived: false,
    is_general: channel.name === 'general',
    is_member: channel.members.includes(BOT.userId),
    num_members: channel.members.length,
    context_team_id: TEAM.id,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}
