import { z } from 'zod';
import type { Log } from '../log.ts';
import { logError } from './error-log.ts';
import type { Slack } from './slack.ts';

/** Whether a person may do what changes things for all; `unknown` counts as no. */
export type Admins = (userId: string) => Promise<'yes' | 'no' | 'unknown'>;

const info = z.object({
  user: z.object({
    name: z.string(),
    deleted: z.boolean().default(false),
    is_bot: z.boolean().default(false),
    is_admin: z.boolean().default(false),
    is_owner: z.boolean().default(false),
  }),
});

/** How long an answer of Slack counts, in ms. */
const KEPT = 60_000;

/**
 * Who is configured is an admin, and so are the workspace's own admins and owners. Display names do not count, because
 * people choose them. Where Slack gives no answer, nobody is.
 * @param configured user ids or user names
 */
export function openAdmins(slack: Pick<Slack, 'once'>, configured: readonly string[], log: Log, now: () => number = Date.now): Admins {
  const known = new Map<string, { answer: 'yes' | 'no'; until: number }>();
  return async (userId) => {
    if (configured.includes(userId)) return 'yes';
    const kept = known.get(userId);
    if (kept !== undefined && kept.until > now()) return kept.answer;
    known.delete(userId);
    try {
      const { user } = info.parse(await slack.once.users.info({ user: userId }));
      const admin = !user.deleted && !user.is_bot && (configured.includes(user.name) || user.is_admin || user.is_owner);
      const answer = admin ? 'yes' : 'no';
      known.set(userId, { answer, until: now() + KEPT });
      return answer;
    } catch (error) {
      logError(log, error, 'ask Slack whether somebody is an admin', { user: userId });
      return 'unknown';
    }
  };
}
