import { showEphemeral } from './conversation.ts';
import type { ResponseUrls, Target } from './response-urls.ts';
import type { SocketMode } from './socket-mode.ts';
import type { Triggers } from './triggers.ts';
import { Refusal } from './web-api/refusal.ts';
import type { Ephemeral } from './wire.ts';
import { APP_ID, TEAM, type Workspace } from './workspace.ts';

/** What people do at the page that goes to the bot as an envelope of its own. */
export type Dispatcher = {
  workspace: Workspace;
  socket: SocketMode;
  responseUrls: ResponseUrls;
  triggers: Triggers;
  /** `http://127.0.0.1:PORT` */
  baseUrl: string;
};

export type CommandInput = { user: string; channel: string; command: string; text: string };

/** Runs a slash command, and shows what its acknowledgement says to the person alone. Resolves when it was answered or failed. */
export async function runCommand(dispatcher: Dispatcher, input: CommandInput): Promise<void> {
  const { workspace, socket, responseUrls, triggers, baseUrl } = dispatcher;
  const { user, channel, command, text } = input;
  const target: Target = { channel, user };
  if (!workspace.commands.some((known) => known.command === command)) {
    tell(workspace, target, `${command} is not a valid command. Type / to see those that there are.`);
    return;
  }
  const outcome = await socket.dispatch('slash_commands', {
    token: 'playground',
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    channel_id: channel,
    channel_name: workspace.channels.get(channel)?.name ?? '',
    user_id: user,
    user_name: workspace.users.get(user)?.name ?? '',
    command,
    text,
    api_app_id: APP_ID,
    is_enterprise_install: 'false',
    response_url: baseUrl + responseUrls.issue(target),
    trigger_id: triggers.issue(user),
  });
  if (!outcome.acked) {
    tell(workspace, target, `${command} failed with the error “${outcome.why}”`);
    return;
  }
  if (outcome.payload.text === undefined && outcome.payload.blocks === undefined) return;
  try {
    responseUrls.show(target, outcome.payload);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    tell(workspace, target, `${command} failed with the error “${error.word}”`);
  }
}

/** Slackbot's own word to one person. */
export function tell(workspace: Workspace, target: Target, text: string): Ephemeral {
  const ephemeral: Ephemeral = { channel: target.channel, user: target.user, ts: workspace.tick(), text, from: 'USLACKBOT' };
  if (target.threadTs !== undefined) ephemeral.thread_ts = target.threadTs;
  showEphemeral(workspace, ephemeral);
  return ephemeral;
}
