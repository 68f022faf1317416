import { z } from 'zod';
import type { Block } from '../wire.ts';
import { APP_ID, keepView, newViewId, TEAM } from '../workspace.ts';
import { checkView } from './blocks.ts';
import { identified } from './chat.ts';
import { json, type Method, method, type Surroundings, word } from './method.ts';
import { Refusal } from './refusal.ts';

const view = json(
  z.looseObject({
    type: z.enum(['modal', 'home'], 'must be one of: modal, home'),
    blocks: z.array(z.looseObject({ type: z.string(), block_id: z.string().optional() })),
  }),
);

/** `views.*`: kept and shown. */
export const views: Record<string, Method> = {
  'views.open': method([], z.object({ trigger_id: word, view }), (around, args) =>
    keep(around, newViewId(), around.useTrigger(args.trigger_id).user, args.view),
  ),
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
  checkView(source);
  const blocks = identified(source.blocks as Block[]) ?? [];
  keepView(workspace, { id, user, kind: String(source.type), blocks, source });
  return { view: { id, team_id: TEAM.id, app_id: APP_ID, ...source } };
}
