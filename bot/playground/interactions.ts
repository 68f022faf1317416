import { type Dispatcher, tell } from './commands.ts';
import { findMessage } from './conversation.ts';
import type { Target } from './response-urls.ts';
import type { Block, View } from './wire.ts';
import { APP_ID, keepView, TEAM, tellChange, type Workspace } from './workspace.ts';

export type ClickInput = { user: string; channel: string; ts: string; actionId: string; blockId?: string | undefined };

/**
 * Clicks a button of a message, private ones as well. Resolves when the bot acknowledged or failed to.
 * @throws when there is no such message or button
 */
export async function clickButton(dispatcher: Dispatcher, input: ClickInput): Promise<void> {
  const { workspace, socket, responseUrls, triggers, baseUrl } = dispatcher;
  const { user, channel, ts } = input;
  const message = findMessage(workspace, channel, ts);
  const ephemeral = workspace.ephemerals.find((one) => one.ts === ts && one.user === user);
  const source = message ?? ephemeral;
  if (source === undefined) throw new Error(`there is no message ${ts} in ${channel} for ${user}`);
  const found = findElement(source.blocks ?? [], input);
  if (found === undefined) throw new Error(`message ${ts} has no button with action_id ${input.actionId}`);
  const target: Target = { channel, user, original: { ts, private: message === undefined }, threadTs: source.thread_ts };
  const outcome = await socket.dispatch('interactive', {
    type: 'block_actions',
    team: { id: TEAM.id, domain: TEAM.domain },
    user: { id: user, username: workspace.users.get(user)?.name ?? '', name: workspace.users.get(user)?.name ?? '', team_id: TEAM.id },
    api_app_id: APP_ID,
    token: 'playground',
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: message === undefined },
    trigger_id: triggers.issue(user),
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel, name: workspace.channels.get(channel)?.name ?? '' },
    ...(message === undefined ? {} : { message: structuredClone(message) }),
    state: { values: {} },
    response_url: baseUrl + responseUrls.issue(target),
    actions: [{ ...found.element, block_id: found.block.block_id, action_ts: workspace.tick() }],
  });
  if (!outcome.acked) tell(workspace, target, `That did not work: ${outcome.why}`);
}

/**
 * Clicks a button of the bot's App Home. Resolves when the bot acknowledged or failed to.
 * @throws when this person has no such home or button
 */
export async function clickHome(dispatcher: Dispatcher, input: Pick<ClickInput, 'user' | 'actionId' | 'blockId'>): Promise<void> {
  const { workspace, socket, triggers } = dispatcher;
  const view = [...workspace.views.values()].find((one) => one.kind === 'home' && one.user === input.user);
  const found = findElement(view?.blocks ?? [], input);
  if (view === undefined || found === undefined) throw new Error(`the home of ${input.user} has no button ${input.actionId}`);
  const name = workspace.users.get(input.user)?.name ?? '';
  await socket.dispatch('interactive', {
    type: 'block_actions',
    team: { id: TEAM.id, domain: TEAM.domain },
    user: { id: input.user, username: name, name, team_id: TEAM.id },
    api_app_id: APP_ID,
    token: 'playground',
    container: { type: 'view', view_id: view.id },
    trigger_id: triggers.issue(input.user),
    enterprise: null,
    is_enterprise_install: false,
    view: { ...view.source, id: view.id, team_id: TEAM.id, app_id: APP_ID, state: { values: {} } },
    actions: [{ ...found.element, block_id: found.block.block_id, action_ts: workspace.tick() }],
  });
}

/**
 * Sends a modal that the bot opened for this person. It closes when the bot takes it, and stays open with what the bot says of
 * its fields.
 * @throws when this person has no such modal
 */
export async function submitView(
  dispatcher: Dispatcher,
  input: { user: string; viewId: string; values: Record<string, Record<string, unknown>> },
): Promise<void> {
  const { workspace, socket, triggers } = dispatcher;
  const view = ownModal(workspace, input);
  const outcome = await socket.dispatch('interactive', {
    type: 'view_submission',
    team: { id: TEAM.id, domain: TEAM.domain },
    user: { id: input.user, name: workspace.users.get(input.user)?.name ?? '', team_id: TEAM.id },
    api_app_id: APP_ID,
    token: 'playground',
    trigger_id: triggers.issue(input.user),
    is_enterprise_install: false,
    enterprise: null,
    response_urls: [],
    view: { ...view.source, id: view.id, team_id: TEAM.id, app_id: APP_ID, state: { values: input.values } },
  });
  if (!outcome.acked) return keepView(workspace, { ...view, errors: { '': 'We had some trouble connecting. Try again?' } });
  const { response_action, errors } = outcome.payload;
  if (response_action === 'errors') return keepView(workspace, { ...view, errors: errors as Record<string, string> });
  closeView(workspace, input);
}

/**
 * Closes a modal unsent.
 * @throws when this person has no such modal
 */
export function closeView(workspace: Workspace, input: { user: string; viewId: string }): void {
  const { id } = ownModal(workspace, input);
  workspace.views.delete(id);
  tellChange(workspace, { kind: 'closed', id });
}

function ownModal(workspace: Workspace, { user, viewId }: { user: string; viewId: string }): View {
  const view = workspace.views.get(viewId);
  if (view?.kind !== 'modal' || view.user !== user) throw new Error(`${user} has no open modal ${viewId}`);
  return view;
}

function findElement(
  blocks: Block[],
  { actionId, blockId }: Pick<ClickInput, 'actionId' | 'blockId'>,
): { block: Block; element: Record<string, unknown> } | undefined {
  for (const block of blocks) {
    if (blockId !== undefined && block.block_id !== blockId) continue;
    const candidates = [...(Array.isArray(block.elements) ? block.elements : []), block.accessory];
    for (const element of candidates as (Record<string, unknown> | undefined)[])
      if (element?.action_id === actionId) return { block, element };
  }
  return undefined;
}
