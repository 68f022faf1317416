import { type Dispatcher, runCommand } from './commands.ts';
import {
  addReaction,
  changeMessage,
  deleteMessage,
  findMessage,
  joinChannel,
  postMessage,
  removeReaction,
  threadOf,
} from './conversation.ts';
import { clickButton, submitView } from './interactions.ts';
import type { Outcome } from './socket-mode.ts';
import { encodeTyped } from './typed-text.ts';
import type { Call, Failure, WebApi } from './web-api/calls.ts';
import type { Ephemeral, Message, View } from './wire.ts';
import { CHANNELS, PEOPLE, tellEvent } from './workspace.ts';

type Place = { channel?: string; ts: string };
type By = { user?: string };

/**
 * What people do in the workspace, and what a test does to Slack itself. Where nothing else is said,
 * the person is the first customer and the channel is #support.
 */
export type Control = {
  /** Posts as a person; text as typed. */
  post(input: By & { text: string; channel?: string; threadTs?: string; subtype?: string }): Message;
  /** Edits a person's message: the bot sees `message_changed`. */
  edit(input: Place & { text: string }): void;
  /** As when a link unfolds: `message_changed` with the same text. */
  unfurl(input: Place): void;
  remove(input: Place): void;
  /** false when this person had reacted so already */
  react(input: Place & By & { name: string }): boolean;
  /** false when there was no such reaction */
  unreact(input: Place & By & { name: string }): boolean;
  /** Resolves once the bot has acknowledged, or failed to. */
  command(input: By & { text: string; command?: string; channel?: string }): Promise<void>;
  click(input: Place & By & { actionId: string; blockId?: string }): Promise<void>;
  submit(input: By & { viewId: string; values: Record<string, Record<string, unknown>> }): Promise<void>;
  openHome(user: string): void;
  join(channel: string, user: string): boolean;
  setAdmin(user: string, isAdmin: boolean): void;

  /** Delivers an event again: the last one of this type that matches. */
  redeliver(type: string, matches?: (event: Record<string, unknown>) => boolean): Promise<Outcome>;
  /** `disconnect` as Slack sends it, or the line cut without a word. */
  disconnect(how?: 'refresh_requested' | 'warning' | 'cut'): void;
  connections(): number;
  /** Lets calls of a method fail. */
  fail(method: string, failure: Failure): void;

  /** In order of posting, replies among them. */
  messages(channel?: string): Message[];
  message(place: Place): Message | undefined;
  /** Replies to a message, without it. */
  replies(place: Place): Message[];
  ephemerals(user?: string): Ephemeral[];
  views(): View[];
  /** Calls of the Web API, oldest first. */
  calls(method?: string): Call[];

  /**
   * Waits until a question has an answer other than undefined, null or false, asked every 10 ms.
   * @throws after `timeoutMs` (10 s unless given), saying what was waited for
   */
  until<T>(what: string, question: () => T, timeoutMs?: number): Promise<NonNullable<Exclude<T, false>>>;
  /** Waits until the bot has acknowledged every event. */
  delivered(timeoutMs?: number): Promise<void>;
};

/** @param delivered the payloads sent so far, oldest first */
export function openControl(dispatcher: Dispatcher, api: WebApi, delivered: readonly Record<string, unknown>[]): Control {
  const { workspace, socket } = dispatcher;
  const require = ({ channel = CHANNELS.support, ts }: Place): { channel: string; message: Message } => {
    const message = findMessage(workspace, channel, ts);
    if (message === undefined) throw new Error(`there is no message ${ts} in ${channel}`);
    return { channel, message };
  };
  const emojiOf = (name: string): string => {
    const resolved = workspace.emoji.resolve(name);
    if (resolved === undefined) throw new Error(`there is no emoji :${name}:`);
    return resolved;
  };
  const control: Control = {
    post: ({ user = PEOPLE.customer, channel = CHANNELS.support, text, threadTs, subtype }) =>
      postMessage(workspace, { channel, user, text: encodeTyped(text, workspace.users.values()), threadTs, subtype }),
    edit(input) {
      const { channel, message } = require(input);
      changeMessage(workspace, channel, message, { text: encodeTyped(input.text, workspace.users.values()), by: message.user ?? '' });
    },
    unfurl(input) {
      const { channel, message } = require(input);
      changeMessage(workspace, channel, message, { text: message.text, blocks: message.blocks, by: '', silent: true });
    },
    remove(input) {
      const { channel, message } = require(input);
      deleteMessage(workspace, channel, message);
    },
    react(input) {
      const { channel, message } = require(input);
      return addReaction(workspace, channel, message, input.user ?? PEOPLE.customer, emojiOf(input.name));
    },
    unreact(input) {
      const { channel, message } = require(input);
      return removeReaction(workspace, channel, message, input.user ?? PEOPLE.customer, emojiOf(input.name));
    },
    command: ({ user = PEOPLE.customer, channel = CHANNELS.support, command = '/ticket', text }) =>
      runCommand(dispatcher, { user, channel, command, text }),
    click: ({ user = PEOPLE.customer, channel = CHANNELS.support, ...rest }) => clickButton(dispatcher, { user, channel, ...rest }),
    submit: ({ user = PEOPLE.customer, ...rest }) => submitView(dispatcher, { user, ...rest }),
    openHome(user) {
      const ts = workspace.tick();
      tellEvent(workspace, undefined, { type: 'app_home_opened', user, channel: `D${user.slice(1)}`, tab: 'home', event_ts: ts });
    },
    join: (channel, user) => joinChannel(workspace, channel, user),
    setAdmin(user, isAdmin) {
      const person = workspace.users.get(user);
      if (person === undefined) throw new Error(`there is no user ${user}`);
      person.isAdmin = isAdmin;
    },
    redeliver(type, matches = () => true) {
      const payload = delivered.findLast((one) => {
        const event = one.event as Record<string, unknown>;
        return event.type === type && matches(event);
      });
      if (payload === undefined) throw new Error(`no event of type ${type} was delivered that could be delivered again`);
      return socket.redeliver(payload);
    },
    disconnect: (how = 'refresh_requested') => socket.disconnect(how),
    connections: () => socket.connections(),
    fail: (method, failure) => void api.failures.set(method, failure),
    messages: (channel = CHANNELS.support) => workspace.messages.get(channel) ?? [],
    message: ({ channel = CHANNELS.support, ts }) => findMessage(workspace, channel, ts),
    replies: ({ channel = CHANNELS.support, ts }) => threadOf(workspace, channel, ts).filter((message) => message.ts !== ts),
    ephemerals: (user) => workspace.ephemerals.filter((one) => user === undefined || one.user === user),
    views: () => [...workspace.views.values()],
    calls: (method) => api.calls.filter((call) => method === undefined || call.method === method),
    until: (what, question, timeoutMs = 10_000) => until(what, question, timeoutMs),
    async delivered(timeoutMs = 10_000) {
      await until('every event to be acknowledged', () => socket.pending() === 0, timeoutMs);
    },
  };
  return control;
}

const POLL_MS = 10;

async function until<T>(what: string, question: () => T, timeoutMs: number): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = question();
    if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
