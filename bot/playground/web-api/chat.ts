import { z } from 'zod';
import { changeMessage, deleteMessage, findMessage, postMessage, showEphemeral } from '../conversation.ts';
import type { Block, Message } from '../wire.ts';
import { BOT } from '../workspace.ts';
import { requireChannel, requireMembership, requireMessage } from './access.ts';
import { checkBlocks } from './blocks.ts';
import { json, type Method, method, word } from './method.ts';
import { Refusal } from './refusal.ts';

const MAX_POST = 40_000;
const MAX_UPDATE = 4000;

/** Block Kit as it comes: its fields are checked by {@link checkBlocks}, with Slack's words. */
export const blockList = json(z.array(z.looseObject({ type: z.string(), block_id: z.string().optional() })).optional()) as z.ZodType<
  Block[] | undefined
>;

const content = {
  channel: word,
  text: z.string().optional(),
  blocks: blockList,
  attachments: json(z.array(z.looseObject({})).optional()),
  metadata: json(z.looseObject({ event_type: z.string(), event_payload: z.looseObject({}) }).optional()),
  thread_ts: z.string().optional(),
};

/** `chat.*`: text or blocks, limits as Slack's. */
export const chat: Record<string, Method> = {
  'chat.postMessage': method(['chat:write'], z.object(content), ({ workspace }, args) => {
    const channel = requireMembership(workspace, args.channel);
    checkContent(args, MAX_POST);
    if (args.thread_ts !== undefined && findMessage(workspace, channel.id, args.thread_ts) === undefined)
      throw new Refusal('thread_not_found');
    const message = postMessage(workspace, {
      channel: channel.id,
      user: BOT.userId,
      text: args.text ?? '',
      blocks: identified(args.blocks),
      metadata: args.metadata,
      threadTs: args.thread_ts,
    });
    return { channel: channel.id, ts: message.ts, message };
  }),
  'chat.update': method(['chat:write'], z.object({ ...content, ts: word }), ({ workspace }, args) => {
    const channel = requireChannel(workspace, args.channel);
    const message = requireMessage(workspace, channel.id, args.ts);
    if (!isOurs(message)) throw new Refusal('cant_update_message');
    checkContent(args, MAX_UPDATE);
    // Blocks stay when none come; an empty list takes them away.
    const blocks = args.blocks ?? message.blocks;
    changeMessage(workspace, channel.id, message, {
      text: args.text ?? message.text,
      blocks: blocks?.length === 0 ? undefined : identified(blocks),
      metadata: args.metadata,
      by: BOT.userId,
    });
    return { channel: channel.id, ts: message.ts, text: message.text, message };
  }),
  'chat.delete': method(['chat:write'], z.object({ channel: word, ts: word }), ({ workspace }, args) => {
    const channel = requireChannel(workspace, args.channel);
    const message = requireMessage(workspace, channel.id, args.ts);
    if (!isOurs(message)) throw new Refusal('cant_delete_message');
    deleteMessage(workspace, channel.id, message);
    return { channel: channel.id, ts: args.ts };
  }),
  'chat.postEphemeral': method(['chat:write'], z.object({ ...content, user: word }), ({ workspace }, args) => {
    const channel = requireMembership(workspace, args.channel);
    checkContent(args, MAX_POST);
    if (!workspace.users.has(args.user) || !channel.members.includes(args.user)) throw new Refusal('user_not_in_channel');
    const ts = workspace.tick();
    showEphemeral(workspace, {
      channel: channel.id,
      user: args.user,
      ts,
      text: args.text ?? '',
      from: BOT.userId,
      ...(args.blocks === undefined ? {} : { blocks: identified(args.blocks) ?? [] }),
      ...(args.thread_ts === undefined ? {} : { thread_ts: args.thread_ts }),
    });
    return { message_ts: ts };
  }),
};

/** @throws Refusal `no_text`, `msg_too_long`, `invalid_blocks` */
export function checkContent(
  args: { text?: string | undefined; blocks?: Block[] | undefined; attachments?: unknown[] | undefined },
  max: number,
): void {
  if (args.blocks !== undefined) checkBlocks(args.blocks);
  const filled = (args.blocks?.length ?? 0) > 0 || (args.attachments?.length ?? 0) > 0;
  if (!filled && (args.text === undefined || args.text.trim() === '')) throw new Refusal('no_text');
  if ((args.text?.length ?? 0) > max) throw new Refusal('msg_too_long');
}

/** Gives each block the id that Slack gives it, so that an action can name its block. */
export function identified(blocks: Block[] | undefined): Block[] | undefined {
  return blocks?.map((block, i) => ({ ...block, block_id: block.block_id ?? `b${i + 1}` }));
}

function isOurs(message: Message): boolean {
  return message.bot_id === BOT.botId;
}
