import { findMessage } from '../conversation.ts';
import type { Channel, Message } from '../wire.ts';
import { BOT, type Workspace } from '../workspace.ts';
import { Refusal } from './refusal.ts';

/** @throws Refusal `channel_not_found` */
export function requireChannel(workspace: Workspace, id: string): Channel {
  const channel = workspace.channels.get(id);
  if (channel === undefined) throw new Refusal('channel_not_found');
  return channel;
}

/** @throws Refusal `channel_not_found`, `not_in_channel` */
export function requireMembership(workspace: Workspace, id: string): Channel {
  const channel = requireChannel(workspace, id);
  if (!channel.members.includes(BOT.userId)) throw new Refusal('not_in_channel');
  return channel;
}

/** @throws Refusal `message_not_found` */
export function requireMessage(workspace: Workspace, channel: string, ts: string): Message {
  const message = findMessage(workspace, channel, ts);
  if (message === undefined) throw new Refusal('message_not_found');
  return message;
}
