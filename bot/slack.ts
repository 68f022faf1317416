import { type Logger, WebAPIPlatformError, WebClient, type WebClientOptions } from '@slack/web-api';
import { z } from 'zod';
import type { SlackConfig } from '../config.ts';
import { messageOf, TicketwiseError } from '../errors.ts';

/** A workspace that has let us in. */
export type Slack = SlackConfig & {
  teamId: string;
  teamName: string;
  botUserId: string;
  botId: string;
  /** retries what fails and waits where Slack asks it to: for calls that may be made twice */
  client: WebClient;
  /** tries once: for posts, which must not be made twice (see `postOnce`), and for what somebody waits for */
  once: WebClient;
  /** like `client`, but where it waits nothing else does: for the progress of training */
  progress: WebClient;
};

/** Longest that one call may take, in ms. */
const TIMEOUT = 8_000;

const identity = z.object({ team_id: z.string(), team: z.string().default(''), user_id: z.string(), bot_id: z.string() });

/**
 * Options of a Slack client, new for each: Slack's libraries write into them.
 * @param retries how often a call is made again after a failure, and after a rate limit
 */
export function clientOptions(apiUrl: string | undefined, logger: Logger, retries: number): WebClientOptions {
  return {
    logger,
    timeout: TIMEOUT,
    retryConfig: { retries, factor: 1.97, randomize: retries > 0 },
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  };
}

/**
 * Asks Slack who we are.
 * @throws `bad_config` when Slack refuses the token, `unreachable` when there is no Slack
 */
export async function openSlack(config: SlackConfig, logger: Logger): Promise<Slack> {
  const { botToken, apiUrl } = config;
  const open = (retries: number) => new WebClient(botToken, clientOptions(apiUrl, logger, retries));
  const { team_id, team, user_id, bot_id } = await open(2)
    .auth.test()
    .then((answer) => identity.parse(answer))
    .catch((cause: unknown) => {
      throw refused('SLACK_BOT_TOKEN', config, cause);
    });
  return {
    ...config,
    teamId: team_id,
    teamName: team,
    botUserId: user_id,
    botId: bot_id,
    client: open(10),
    once: open(0),
    progress: open(10),
  };
}

/** The error of a start that Slack did not allow. */
export function refused(token: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', { apiUrl }: Pick<SlackConfig, 'apiUrl'>, cause: unknown): Error {
  const code = slackCode(cause);
  if (code !== undefined)
    return new TicketwiseError(
      'bad_config',
      `Slack refuses ${token}: ${code}. Check that it belongs to this app and is still installed; docs/slack.md says where it comes from.`,
      { cause },
    );
  const url = apiUrl ?? 'https://slack.com/api/';
  return new TicketwiseError(
    'unreachable',
    `No answer from Slack at ${url}: ${messageOf(cause)}. Check the network${apiUrl === undefined ? '' : ' and SLACK_API_URL'}.`,
    { cause },
  );
}

/** Slack's own word for what went wrong, such as `not_in_channel`; undefined where Slack did not answer. */
export function slackCode(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}
