import { randomUUID } from 'node:crypto';
import type { Block, Ephemeral, Message, Reaction, SharedFile } from './wire.ts';
import { APP_ID, BOT, TEAM, tellChange, tellEvent, type Workspace } from './workspace.ts';

/** What a new message may carry. */
export type Draft = {
  channel: string;
  user: string;
  text: string;
  threadTs?: string | undefined;
  blocks?: Block[] | undefined;
  metadata?: unknown;
  files?: SharedFile[] | undefined;
  subtype?: string | undefined;
};

/** The message with this timestamp, a reply as well. */
export function findMessage(workspace: Workspace, channel: string, ts: string): Message | undefined {
  return workspace.messages.get(channel)?.find((message) => message.ts === ts);
}

/** A parent and its replies, oldest first. */
export function threadOf(workspace: Workspace, channel: string, ts: string): Message[] {
  return (workspace.messages.get(channel) ?? []).filter((message) => message.ts === ts || message.thread_ts === ts);
}

/** Stores a message and tells everybody; a reply also updates its parent's count. */
export function postMessage(workspace: Workspace, draft: Draft): Message {
  const ts = workspace.tick();
  const parent = draft.threadTs === undefined ? undefined : findMessage(workspace, draft.channel, draft.threadTs);
  const root = parent?.thread_ts ?? parent?.ts;
  const message: Message = {
    type: 'message',
    ...(draft.subtype === undefined ? {} : { subtype: draft.subtype }),
    user: draft.user,
    ...(draft.user === BOT.userId ? { bot_id: BOT.botId, app_id: APP_ID } : { client_msg_id: randomUUID() }),
    team: TEAM.id,
    text: draft.text,
    ts,
    ...(root === undefined ? {} : { thread_ts: root }),
    ...(parent?.user === undefined ? {} : { parent_user_id: parent.user }),
    ...(draft.blocks === undefined ? {} : { blocks: draft.blocks }),
    ...(draft.metadata === undefined ? {} : { metadata: draft.metadata }),
    ...(draft.files === undefined ? {} : { files: draft.files }),
  };
  const messages = workspace.messages.get(draft.channel);
  if (messages === undefined) throw new Error(`there is no channel ${draft.channel}`);
  messages.push(message);
  if (root !== undefined) countReplies(workspace, draft.channel, root);
  tellChange(workspace, { kind: 'message', channel: draft.channel, message });
  tellEvent(workspace, draft.channel, { ...structuredClone(message), ...place(draft.channel), event_ts: ts });
  return message;
}

/** Changes text and blocks, which Slack calls `message_changed`. `silent` as when a link unfolds: no "(edited)". */
export function changeMessage(
  workspace: Workspace,
  channel: string,
  message: Message,
  next: { text: string; blocks?: Block[] | undefined; metadata?: unknown; by: string; silent?: boolean },
): void {
  const before = structuredClone(message);
  const ts = workspace.tick();
  message.text = next.text;
  if (next.blocks === undefined) delete message.blocks;
  else message.blocks = next.blocks;
  if (next.metadata !== undefined) message.metadata = next.metadata;
  if (next.silent !== true) message.edited = { user: next.by, ts };
  tellChange(workspace, { kind: 'message', channel, message });
  tellEvent(workspace, channel, {
    type: 'message',
    subtype: 'message_changed',
    hidden: true,
    ...place(channel),
    ts,
    event_ts: ts,
    message: structuredClone(message),
    previous_message: before,
  });
}

/** Takes a message away. */
export function deleteMessage(workspace: Workspace, channel: string, message: Message): void {
  const messages = workspace.messages.get(channel) ?? [];
  messages.splice(messages.indexOf(message), 1);
  const ts = workspace.tick();
  if (message.thread_ts !== undefined && message.thread_ts !== message.ts) countReplies(workspace, channel, message.thread_ts);
  tellChange(workspace, { kind: 'deleted', channel, ts: message.ts });
  tellEvent(workspace, channel, {
    type: 'message',
    subtype: 'message_deleted',
    hidden: true,
    ...place(channel),
    ts,
    event_ts: ts,
    deleted_ts: message.ts,
    previous_message: structuredClone(message),
  });
}

/** Puts an emoji on a message; false when this person had put it there already. */
export function addReaction(workspace: Workspace, channel: string, message: Message, user: string, name: string): boolean {
  message.reactions ??= [];
  let reaction = message.reactions.find((one) => one.name === name);
  if (reaction?.users.includes(user)) return false;
  if (reaction === undefined) {
    reaction = { name, users: [], count: 0 };
    message.reactions.push(reaction);
  }
  reaction.users.push(user);
  reaction.count = reaction.users.length;
  tellReaction(workspace, 'reaction_added', channel, message, user, name);
  return true;
}

/** Takes a person's emoji off a message; false when it was not there. */
export function removeReaction(workspace: Workspace, channel: string, message: Message, user: string, name: string): boolean {
  const reaction = message.reactions?.find((one) => one.name === name);
  if (reaction === undefined || !reaction.users.includes(user)) return false;
  reaction.users = reaction.users.filter((one) => one !== user);
  reaction.count = reaction.users.length;
  const left: Reaction[] = message.reactions?.filter((one) => one.count > 0) ?? [];
  if (left.length > 0) message.reactions = left;
  else delete message.reactions;
  tellReaction(workspace, 'reaction_removed', channel, message, user, name);
  return true;
}

/** Makes a person a member, with the line that says so; false when that was so already. */
export function joinChannel(workspace: Workspace, channelId: string, user: string): boolean {
  const channel = workspace.channels.get(channelId);
  if (channel === undefined || channel.members.includes(user)) return false;
  channel.members.push(user);
  tellChange(workspace, { kind: 'members', channel: channelId, members: channel.members });
  postMessage(workspace, { channel: channelId, user, text: `<@${user}> has joined the channel`, subtype: 'channel_join' });
  return true;
}

/** Shows something to one person; the same timestamp again replaces it. */
export function showEphemeral(workspace: Workspace, ephemeral: Ephemeral): void {
  const at = workspace.ephemerals.findIndex((one) => one.ts === ephemeral.ts);
  if (at === -1) workspace.ephemerals.push(ephemeral);
  else workspace.ephemerals[at] = ephemeral;
  tellChange(workspace, { kind: 'ephemeral', ephemeral });
}

/** Takes a private message off the page. */
export function dismissEphemeral(workspace: Workspace, ts: string): void {
  workspace.ephemerals = workspace.ephemerals.filter((one) => one.ts !== ts);
  tellChange(workspace, { kind: 'dismissed', ts });
}

function countReplies(workspace: Workspace, channel: string, root: string): void {
  const parent = findMessage(workspace, channel, root);
  if (parent === undefined) return;
  const replies = threadOf(workspace, channel, root).filter((message) => message.ts !== root);
  if (replies.length === 0) {
    for (const field of ['thread_ts', 'reply_count', 'reply_users', 'latest_reply'] as const) delete parent[field];
  } else {
    parent.thread_ts = root;
    parent.reply_count = replies.length;
    parent.reply_users = [...new Set(replies.flatMap((reply) => reply.user ?? []))];
    parent.latest_reply = replies.at(-1)?.ts ?? root;
  }
  tellChange(workspace, { kind: 'message', channel, message: parent });
}

function tellReaction(
  workspace: Workspace,
  type: 'reaction_added' | 'reaction_removed',
  channel: string,
  message: Message,
  user: string,
  reaction: string,
): void {
  tellChange(workspace, { kind: 'message', channel, message });
  tellEvent(workspace, channel, {
    type,
    user,
    reaction,
    item: { type: 'message', channel, ts: message.ts },
    ...(message.user === undefined ? {} : { item_user: message.user }),
    event_ts: workspace.tick(),
  });
}

function place(channel: string): { channel: string; channel_type: string } {
  return { channel, channel_type: 'channel' };
}
