/** What a Slack message looks like on the wire; the server keeps messages in this shape. */
export type Message = {
  type: 'message';
  subtype?: string;
  user?: string;
  bot_id?: string;
  app_id?: string;
  team: string;
  text: string;
  ts: string;
  thread_ts?: string;
  parent_user_id?: string;
  client_msg_id?: string;
  blocks?: Block[];
  metadata?: unknown;
  edited?: { user: string; ts: string };
  reactions?: Reaction[];
  reply_count?: number;
  reply_users?: string[];
  latest_reply?: string;
  files?: SharedFile[];
};

/** A Block Kit block: checked by `web-api/blocks.ts`, drawn by `page/blocks.tsx`. */
export type Block = { type: string; block_id?: string; [field: string]: unknown };

/** One emoji on a message, and who put it there, first comer first. */
export type Reaction = { name: string; users: string[]; count: number };

export type SharedFile = { id: string; name: string; title: string; mimetype: string; size: number; url_private: string };

export type User = {
  id: string;
  name: string;
  realName: string;
  /** what this person is to the support channel, in a word */
  role: string;
  title: string;
  isBot: boolean;
  isAdmin: boolean;
};

export type Channel = { id: string; name: string; topic: string; members: string[] };

/** A message that one person alone sees. */
export type Ephemeral = { channel: string; user: string; ts: string; thread_ts?: string; text: string; blocks?: Block[]; from: string };

/** A published App Home or an opened modal. */
export type View = {
  id: string;
  user: string;
  kind: string;
  blocks: Block[];
  source: Record<string, unknown>;
  /** what the bot said of a modal's fields when it was sent, by `block_id`; '' for the whole of it */
  errors?: Record<string, string>;
};

/** An emoji that means something to the bot. */
export type Meaning = { emoji: string; meaning: string };
export type Meanings = { title: string; items: Meaning[] };

/** A slash command as the composer completes it. */
export type CommandHelp = { command: string; subcommands: { usage: string; description: string }[] };

/** All that the page needs to draw itself; sent when it connects, and again when it reconnects. */
export type Snapshot = {
  team: { id: string; name: string };
  bot: string;
  connected: boolean;
  users: User[];
  personas: string[];
  channels: Channel[];
  messages: Record<string, Message[]>;
  ephemerals: Ephemeral[];
  views: View[];
  meanings: Meanings[];
  commands: CommandHelp[];
  samples: string[];
};

/** What happened since; the page applies one after the other. */
export type Change =
  | { kind: 'snapshot'; snapshot: Snapshot }
  | { kind: 'message'; channel: string; message: Message }
  | { kind: 'deleted'; channel: string; ts: string }
  | { kind: 'ephemeral'; ephemeral: Ephemeral }
  | { kind: 'dismissed'; ts: string }
  | { kind: 'members'; channel: string; members: string[] }
  | { kind: 'view'; view: View }
  | { kind: 'closed'; id: string }
  | { kind: 'connected'; connected: boolean };
