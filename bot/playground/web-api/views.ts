import { z } from 'zod';
import type { Block, View } from '../wire.ts';
import { APP_ID, newViewId, TEAM, tellChange } from '../workspace.ts';
import { checkBlocks } from './blocks.ts';
import { identified } from './chat.ts';
import { json, type Method, method, type Surroundings, word } from './method.ts';
import { Refusal } from './refusal.ts';

const view = json(
  z.looseObject({
    type: z.enum(['modal', 'home'], 'must be one of: modal, home'),
    blocks: z.array(z.looseObject({ type: z.string(), block_id: z.string().optional() })),
  }),
);

/** `views.*`: kept, and the home also shown. */
export const views: Record<string, Method> = {
  'views.open': method([], z.object({ trigger_id: word, view }), (around, args) => {
    const state = around.useTrigger(args.trigger_id);
    if (state !== 'ok') throw new Refusal(state);
    return keep(around, newViewId(), '', args.view);
  }),
  'views.publish': method([], z.object({ user_id: word, view }), (around, args) => {
    if (!around.workspace.users.has(args.user_id)) throw new Refusal('user_not_found');
    const earlier = [...around.workspace.views.values()].find((one) => one.kind === 'home' && one.user === args.user_id);
    return keep(around, earlier?.id ?? newViewId(), args.user_id, args.view);
  }),
  'views.update': method([], z.object({ view_id: word, view }), (around, args) => {
    const earlier = around.workspace.views.get(args.view_id);
    if (earlier === undefined) throw new Refusal('not_found');
    return keep(around, earlier.id, earlier.user, args.view);
  }),
};

function keep({ workspace }: Surroundings, id: string, user: string, source: Record<string, unknown>): Record<string, unknown> {
  checkBlocks(source.blocks as Block[]);
  const blocks = identified(source.blocks as Block[]) ?? [];
  const stored: View = { id, user, kind: String(source.type), blocks, source };
  workspace.views.set(id, stored);
  if (stored.kind === 'home') tellChange(workspace, { kind: 'home', view: stored });
  return { view: { id, team_id: TEAM.id, app_id: APP_ID, ...source } };
}
