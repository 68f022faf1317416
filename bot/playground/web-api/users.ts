import { z } from 'zod';
import type { User } from '../wire.ts';
import { APP_ID, BOT, TEAM } from '../workspace.ts';
import { flag, limit, type Method, method, word } from './method.ts';
import { pageOf } from './paging.ts';
import { Refusal } from './refusal.ts';

/** `auth.test`, `users.*`, `bots.info`. */
export const users: Record<string, Method> = {
  'auth.test': method([], z.object({}), ({ baseUrl }) => ({
    url: `${baseUrl}/`,
    team: TEAM.name,
    user: BOT.name,
    team_id: TEAM.id,
    user_id: BOT.userId,
    bot_id: BOT.botId,
    is_enterprise_install: false,
  })),
  'users.info': method(['users:read'], z.object({ user: word, include_locale: flag.optional() }), ({ workspace }, args) => {
    const user = workspace.users.get(args.user);
    if (user === undefined) throw new Refusal('user_not_found');
    return { user: slackUser(user) };
  }),
  'users.list': method(['users:read'], z.object({ limit: limit.default(200), cursor: z.string().optional() }), ({ workspace }, args) => {
    const { page, ...metadata } = pageOf([...workspace.users.values()], args);
    return { members: page.map(slackUser), ...metadata };
  }),
  'bots.info': method(['users:read'], z.object({ bot: z.string().optional() }), (_around, args) => {
    if (args.bot !== undefined && args.bot !== BOT.botId) throw new Refusal('bot_not_found');
    return { bot: { id: BOT.botId, deleted: false, name: BOT.name, app_id: APP_ID, user_id: BOT.userId, icons: {} } };
  }),
};

function slackUser(user: User): Record<string, unknown> {
  return {
    id: user.id,
    team_id: TEAM.id,
    name: user.name,
    deleted: false,
    real_name: user.realName,
    tz: 'Europe/Berlin',
    profile: { real_name: user.realName, display_name: user.name, title: user.title, team: TEAM.id },
    is_admin: user.isAdmin,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_bot: user.isBot,
    is_app_user: false,
    updated: 0,
  };
}
