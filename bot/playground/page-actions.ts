import { z } from 'zod';
import { type Dispatcher, runCommand } from './commands.ts';
import { addReaction, changeMessage, deleteMessage, dismissEphemeral, findMessage, postMessage, removeReaction } from './conversation.ts';
import { HttpError } from './http.ts';
import { clickButton, clickHome, closeView, submitView } from './interactions.ts';
import { encodeTyped } from './typed-text.ts';
import type { Message } from './wire.ts';
import { tellEvent, type Workspace } from './workspace.ts';

const MAX_TYPED = 12_000;
const at = { user: z.string(), channel: z.string(), ts: z.string() };
const typed = z.string().trim().min(1).max(MAX_TYPED, `a message is at most ${MAX_TYPED} characters`);

type Action = (dispatcher: Dispatcher, body: unknown) => void | Promise<void>;

/** What the page can ask for, by the last part of its path. */
export const PAGE_ACTIONS: ReadonlyMap<string, Action> = new Map([
  action(
    'message',
    z.strictObject({ user: z.string(), channel: z.string(), text: typed, threadTs: z.string().optional() }),
    ({ workspace }, input) => {
      requirePerson(workspace, input.user, input.channel);
      postMessage(workspace, { ...input, text: encodeTyped(input.text, workspace.users.values()) });
    },
  ),
  action('edit', z.strictObject({ ...at, text: typed }), ({ workspace }, { user, channel, ts, text }) => {
    const message = requireOwn(workspace, user, channel, ts);
    const next = encodeTyped(text, workspace.users.values());
    if (next !== message.text) changeMessage(workspace, channel, message, { text: next, by: user });
  }),
  action('delete', z.strictObject(at), ({ workspace }, { user, channel, ts }) => {
    deleteMessage(workspace, channel, requireOwn(workspace, user, channel, ts));
  }),
  action('reaction', z.strictObject({ ...at, name: z.string(), on: z.boolean() }), ({ workspace }, { user, channel, ts, name, on }) => {
    requirePerson(workspace, user, channel);
    const message = findMessage(workspace, channel, ts);
    const emoji = workspace.emoji.resolve(name);
    if (message === undefined || emoji === undefined) throw new HttpError(404, 'That message or emoji is not there.');
    if (on) addReaction(workspace, channel, message, user, emoji);
    else removeReaction(workspace, channel, message, user, emoji);
  }),
  action('command', z.strictObject({ user: z.string(), channel: z.string(), text: typed }), (dispatcher, { user, channel, text }) => {
    requirePerson(dispatcher.workspace, user, channel);
    const [, command = '', rest = ''] = /^(\/\S*)\s*([\s\S]*)$/.exec(text) ?? [];
    return runCommand(dispatcher, { user, channel, command, text: encodeTyped(rest, []) });
  }),
  action('click', z.strictObject({ ...at, actionId: z.string(), blockId: z.string().optional() }), async (dispatcher, input) => {
    requirePerson(dispatcher.workspace, input.user, input.channel);
    await clickButton(dispatcher, input);
  }),
  action(
    'submit',
    z.strictObject({ user: z.string(), viewId: z.string(), values: z.record(z.string(), z.record(z.string(), z.unknown())) }),
    submitView,
  ),
  action('close', z.strictObject({ user: z.string(), viewId: z.string() }), ({ workspace }, input) => closeView(workspace, input)),
  action('click-home', z.strictObject({ user: z.string(), actionId: z.string(), blockId: z.string().optional() }), clickHome),
  action('dismiss', z.strictObject({ ts: z.string() }), ({ workspace }, { ts }) => dismissEphemeral(workspace, ts)),
  action('home', z.strictObject({ user: z.string() }), ({ workspace }, { user }) => {
    tellEvent(workspace, undefined, {
      type: 'app_home_opened',
      user,
      channel: `D${user.slice(1)}`,
      tab: 'home',
      event_ts: workspace.tick(),
    });
  }),
]);

function action<S extends z.ZodType>(
  name: string,
  schema: S,
  act: (dispatcher: Dispatcher, input: z.infer<S>) => void | Promise<void>,
): [string, Action] {
  return [
    name,
    (dispatcher, body) => {
      const parsed = schema.safeParse(body);
      if (!parsed.success) throw new HttpError(400, z.prettifyError(parsed.error));
      return act(dispatcher, parsed.data);
    },
  ];
}

function requirePerson(workspace: Workspace, user: string, channel: string): void {
  const person = workspace.users.get(user);
  if (person === undefined || person.isBot) throw new HttpError(404, `There is no person ${user}.`);
  if (!workspace.channels.get(channel)?.members.includes(user)) throw new HttpError(404, `${person.name} is in no channel ${channel}.`);
}

function requireOwn(workspace: Workspace, user: string, channel: string, ts: string): Message {
  const message = findMessage(workspace, channel, ts);
  if (message === undefined || message.user !== user) throw new HttpError(404, 'That message is not there, or not yours.');
  return message;
}
