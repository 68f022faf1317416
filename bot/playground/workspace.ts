import { type EmojiBook, openEmoji } from './emoji.ts';
import { newId, openClock } from './ids.ts';
import type { Change, Channel, CommandHelp, Ephemeral, Meanings, Message, SharedFile, User, View } from './wire.ts';

export const TEAM = { id: 'T0PLAYGRND1', name: 'Northwind', domain: 'northwind' };
export const APP_ID = 'A0TICKETWS1';
export const BOT = { userId: 'U0TICKETWS1', botId: 'B0TICKETWS1', name: 'ticketwise' };
export const PEOPLE = { customer: 'U0MAYA00001', otherCustomer: 'U0TOMAS0002', agent: 'U0PRIYA0003', admin: 'U0ALEX00004' };
export const CHANNELS = { support: 'C0SUPPORT01', general: 'C0GENERAL02' };

/** What a bot that triages may do; those of docs/ and the two that turn channel names into ids. */
export const BOT_SCOPES: readonly string[] = [
  'channels:history',
  'channels:read',
  'groups:history',
  'groups:read',
  'chat:write',
  'reactions:read',
  'reactions:write',
  'commands',
  'users:read',
  'files:write',
];

export type SlackEvent = { type: string; event_ts: string; [field: string]: unknown };

export type StoredFile = SharedFile & { bytes: Uint8Array | undefined };

/** Everything this Slack remembers, for as long as the process lives. */
export type Workspace = {
  users: Map<string, User>;
  channels: Map<string, Channel>;
  /** by channel, oldest first, replies among them */
  messages: Map<string, Message[]>;
  ephemerals: Ephemeral[];
  views: Map<string, View>;
  files: Map<string, StoredFile>;
  emoji: EmojiBook;
  meanings: Meanings[];
  commands: CommandHelp[];
  samples: string[];
  /** the next timestamp */
  tick: () => string;
  /** told of each change, for pages and tests */
  changes: Set<(change: Change) => void>;
  /** told of each event, for the bot */
  events: Set<(event: SlackEvent) => void>;
};

const PERSONS: User[] = [
  person(PEOPLE.customer, 'maya', 'Maya Lindqvist', 'Customer', 'Bakes bread, buys flour'),
  person(PEOPLE.otherCustomer, 'tomas', 'Tomás Ferreira', 'Customer', 'Runs a bike shop'),
  person(PEOPLE.agent, 'priya', 'Priya Raman', 'Agent', 'Customer support'),
  person(PEOPLE.admin, 'alex', 'Alex Novak', 'Admin', 'Head of support', true),
  { ...person(BOT.userId, BOT.name, 'Ticketwise', 'App', 'Triages support messages'), isBot: true },
];

/** The personas of the page, in the order in which it offers them. */
export const PERSONAS: readonly string[] = [PEOPLE.customer, PEOPLE.otherCustomer, PEOPLE.agent, PEOPLE.admin];

const COMMANDS: CommandHelp[] = [
  {
    command: '/ticket',
    subcommands: [
      { usage: 'classify <text>', description: 'What the model makes of a text, for you alone' },
      { usage: 'retrain', description: 'Learn from the corrections (admins)' },
      { usage: 'help', description: 'What there is' },
    ],
  },
];

const SAMPLES = [
  'I was charged twice for the same order, can I get one of them back?',
  'The app crashes every time I open my statement. I need it today!',
  "My new card hasn't arrived yet, it's been two weeks",
  'I forgot my passcode and cannot log in any more',
  "It doesn't work and I paid for it",
];

/** What of a workspace can be chosen; all of it has a default. */
export type WorkspaceOptions = { meanings?: Meanings[]; commands?: CommandHelp[]; samples?: string[]; now?: () => number };

/** A workspace with five users and the channels #support and #general; the bot is a member of #support only. */
export function openWorkspace(options: WorkspaceOptions = {}): Workspace {
  const humans = PERSONS.filter((user) => !user.isBot).map((user) => user.id);
  const channels: Channel[] = [
    { id: CHANNELS.support, name: 'support', topic: 'Ask here. Ticketwise sorts, people answer.', members: [...humans, BOT.userId] },
    { id: CHANNELS.general, name: 'general', topic: 'For everything else. Ticketwise is not here.', members: [...humans] },
  ];
  const meanings = options.meanings ?? [];
  return {
    users: new Map(PERSONS.map((user) => [user.id, { ...user }])),
    channels: new Map(channels.map((channel) => [channel.id, channel])),
    messages: new Map(channels.map((channel) => [channel.id, []])),
    ephemerals: [],
    views: new Map(),
    files: new Map(),
    emoji: openEmoji(meanings.flatMap((group) => group.items.map((item) => item.emoji))),
    meanings,
    commands: options.commands ?? COMMANDS,
    samples: options.samples ?? SAMPLES,
    tick: openClock(options.now),
    changes: new Set(),
    events: new Set(),
  };
}

/** Tells pages and tests. */
export function tellChange(workspace: Workspace, change: Change): void {
  for (const listener of workspace.changes) listener(change);
}

/** Keeps a view, and shows it. */
export function keepView(workspace: Workspace, view: View): void {
  workspace.views.set(view.id, view);
  tellChange(workspace, { kind: 'view', view });
}

/** Tells the bot, when the event is of a channel that it is a member of, or of no channel. */
export function tellEvent(workspace: Workspace, channel: string | undefined, event: SlackEvent): void {
  if (channel !== undefined && !workspace.channels.get(channel)?.members.includes(BOT.userId)) return;
  for (const listener of workspace.events) listener(event);
}

/** A new id that no view has. */
export function newViewId(): string {
  return newId('V');
}

function person(id: string, name: string, realName: string, role: string, title: string, isAdmin = false): User {
  return { id, name, realName, role, title, isBot: false, isAdmin };
}
