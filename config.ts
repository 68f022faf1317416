import { z } from 'zod';
import { TicketwiseError } from './errors.ts';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim().replace(/^[#@]/, ''))
      .filter((item) => item !== ''),
  );
const url = (protocols: string[]) =>
  z.url({
    protocol: new RegExp(`^(${protocols.join('|')})$`),
    error: `expected a URL that starts with ${protocols.map((p) => `${p}://`).join(' or ')}`,
  });

const schema = z.object({
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', 'expected a bot token, which starts with xoxb-').optional(),
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', 'expected an app-level token, which starts with xapp-').optional(),
  SLACK_API_URL: url(['https?']).optional(),
  DATABASE_URL: url(['postgres', 'postgresql']).optional(),
  REDIS_URL: url(['redis', 'rediss']).optional(),
  SUPPORT_CHANNELS: list,
  TICKET_ADMINS: list,
  PORT: z.coerce.number('expected a port number').int().min(0).max(65_535).default(3000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  MODEL: z.string().optional(),
  BASE_MODEL: z.string().optional(),
  BANKING77: z.string().optional(),
});

/** Tokens of a Slack app, and the Web API that they belong to. */
export type SlackConfig = { botToken: string; appToken: string; apiUrl: string | undefined };

export type Config = {
  /** undefined: no tokens were given, so the playground takes Slack's place */
  slack: SlackConfig | undefined;
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  /** ids or names, without `#` */
  supportChannels: string[];
  /** user ids or names, without `@` */
  admins: string[];
  port: number;
  logLevel: string;
  model: string | undefined;
  baseModel: string | undefined;
  banking77: string | undefined;
};

/**
 * Reads the environment, which only a `main.ts` passes in. An empty variable counts as not set.
 * @throws `bad_config` naming each variable that is wrong, and what was expected
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = schema.safeParse(present);
  if (!parsed.success) throw new TicketwiseError('bad_config', `The environment is not usable:\n${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  if ((data.SLACK_BOT_TOKEN === undefined) !== (data.SLACK_APP_TOKEN === undefined)) {
    const missing = data.SLACK_BOT_TOKEN === undefined ? 'SLACK_BOT_TOKEN' : 'SLACK_APP_TOKEN';
    const there = data.SLACK_BOT_TOKEN === undefined ? 'SLACK_APP_TOKEN' : 'SLACK_BOT_TOKEN';
    throw new TicketwiseError(
      'bad_config',
      `${missing} is missing while ${there} is set. Set both to run in a Slack workspace (docs/slack.md says where they come from), or neither for the playground.`,
    );
  }
  return {
    slack:
      data.SLACK_BOT_TOKEN === undefined || data.SLACK_APP_TOKEN === undefined
        ? undefined
        : { botToken: data.SLACK_BOT_TOKEN, appToken: data.SLACK_APP_TOKEN, apiUrl: data.SLACK_API_URL },
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    supportChannels: data.SUPPORT_CHANNELS,
    admins: data.TICKET_ADMINS,
    port: data.PORT,
    logLevel: data.LOG_LEVEL,
    model: data.MODEL,
    baseModel: data.BASE_MODEL,
    banking77: data.BANKING77,
  };
}
