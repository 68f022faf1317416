import { z } from 'zod';
import { TicketwiseError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Slack, slackCode } from './slack.ts';

/** What Ticketwise reads of a channel. */
const channel = z.object({ id: z.string(), name: z.string(), is_member: z.boolean().default(false) });
export type Channel = z.infer<typeof channel>;

const ID = /^[CG][A-Z0-9]{7,}$/;

/**
 * Finds the support channels.
 * @param wanted ids or names; none means every channel that the bot is a member of
 * @returns whether a channel is one of them
 * @throws `bad_config` naming SUPPORT_CHANNELS when one of them is not there
 */
export async function findSupportChannels(slack: Slack, wanted: readonly string[], log: Log): Promise<(channelId: string) => boolean> {
  // Slack sends the messages of channels that the bot is in, and of no others.
  if (wanted.length === 0) return () => true;
  const there = await list(slack, wanted, log);
  const { ids, unknown, notMember } = there === undefined ? { ids: wanted, unknown: [], notMember: [] } : choose(wanted, there);
  if (unknown.length > 0)
    throw new TicketwiseError(
      'bad_config',
      `SUPPORT_CHANNELS names ${unknown.join(', ')}, but workspace ${slack.teamName || slack.teamId} shows the bot no such channel. ` +
        'Check the spelling; a private channel shows after /invite there.',
    );
  for (const { id, name } of notMember)
    log.warn(
      { channel: id, name },
      `The bot is not in #${name}, so it sees nothing there: write /invite in it, or change SUPPORT_CHANNELS`,
    );
  const support = new Set(ids);
  return (id) => support.has(id);
}

/** Which channels are meant: by id, else by name. */
export function choose(wanted: readonly string[], there: readonly Channel[]) {
  const found = wanted.map((want) => there.find(({ id }) => id === want) ?? there.find(({ name }) => name === want.toLowerCase()));
  const known = found.filter((one) => one !== undefined);
  return {
    ids: known.map(({ id }) => id),
    unknown: wanted.filter((_, i) => found[i] === undefined),
    notMember: known.filter(({ is_member }) => !is_member),
  };
}

/** The workspace's channels, page by page until all that is wanted was seen; undefined where the bot may not list them but need not. */
async function list({ client }: Slack, wanted: readonly string[], log: Log): Promise<Channel[] | undefined> {
  const seen: Channel[] = [];
  let cursor: string | undefined;
  try {
    do {
      const page = await client.conversations.list({
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 1000,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...z.array(channel).parse(page.channels ?? []));
      cursor = page.response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined && choose(wanted, seen).unknown.length > 0);
    return seen;
  } catch (error) {
    if (slackCode(error) !== 'missing_scope') throw error;
    if (wanted.every((want) => ID.test(want))) {
      log.warn('The app lacks the scopes channels:read and groups:read, so SUPPORT_CHANNELS cannot be checked');
      return undefined;
    }
    throw new TicketwiseError(
      'bad_config',
      'SUPPORT_CHANNELS has names, and the app lacks the scopes channels:read and groups:read to look them up. ' +
        'Add the scopes (docs/slack-manifest.yaml has them) and reinstall the app, or give ids, such as C0123456789.',
      { cause: error },
    );
  }
}
