import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.ts';

const TOKENS = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };

describe('parseConfig', () => {
  it('has a default for everything', () => {
    expect(parseConfig({})).toEqual({
      slack: undefined,
      databaseUrl: undefined,
      redisUrl: undefined,
      supportChannels: [],
      admins: [],
      port: 3000,
      logLevel: 'info',
      model: undefined,
      baseModel: undefined,
      banking77: undefined,
    });
  });

  it('takes every variable, and passes over those of other programs', () => {
    expect(
      parseConfig({
        ...TOKENS,
        SLACK_API_URL: 'http://localhost:1/api/',
        DATABASE_URL: 'postgresql://a:b@db/tickets',
        REDIS_URL: 'rediss://cache:6380',
        SUPPORT_CHANNELS: ' #support, C012AB ,,#billing',
        TICKET_ADMINS: '@ann,U012AB',
        PORT: '0',
        LOG_LEVEL: 'silent',
        MODEL: 'models/mine',
        BASE_MODEL: 'org/bert',
        BANKING77: 'data/b77',
        PATH: '/bin',
      }),
    ).toEqual({
      slack: { botToken: 'xoxb-1', appToken: 'xapp-1', apiUrl: 'http://localhost:1/api/' },
      databaseUrl: 'postgresql://a:b@db/tickets',
      redisUrl: 'rediss://cache:6380',
      supportChannels: ['support', 'C012AB', 'billing'],
      admins: ['ann', 'U012AB'],
      port: 0,
      logLevel: 'silent',
      model: 'models/mine',
      baseModel: 'org/bert',
      banking77: 'data/b77',
    });
  });

  it('takes an empty variable for none, as .env.example leaves them', () => {
    const names = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_API_URL', 'DATABASE_URL', 'REDIS_URL', 'PORT', 'LOG_LEVEL', 'MODEL'];
    expect(parseConfig(Object.fromEntries(names.map((name, i) => [name, ' '.repeat(i % 2)])))).toEqual(parseConfig({}));
  });

  it.each<[string, Record<string, string>, string]>([
    ['a bot token of another kind', { ...TOKENS, SLACK_BOT_TOKEN: 'xoxp-1' }, 'expected a bot token, which starts with xoxb-'],
    ['an app token of another kind', { ...TOKENS, SLACK_APP_TOKEN: 'xoxb-1' }, 'expected an app-level token, which starts with xapp-'],
    ['no app token', { SLACK_BOT_TOKEN: 'xoxb-1' }, 'SLACK_APP_TOKEN is missing while SLACK_BOT_TOKEN is set'],
    ['no bot token', { SLACK_APP_TOKEN: 'xapp-1' }, 'SLACK_BOT_TOKEN is missing while SLACK_APP_TOKEN is set'],
    ['another database', { DATABASE_URL: 'mysql://db' }, 'starts with postgres:// or postgresql://'],
    ['a database without a scheme', { DATABASE_URL: 'localhost:5432' }, 'starts with postgres:// or postgresql://'],
    ['another cache', { REDIS_URL: 'http://cache' }, 'starts with redis:// or rediss://'],
    ['a port in words', { PORT: 'http' }, 'PORT'],
    ['a port out of range', { PORT: '65536' }, 'PORT'],
    ['half a port', { PORT: '80.5' }, 'PORT'],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
  ])('refuses %s', (_, env, what) => {
    expect(() => parseConfig(env)).toThrow(expect.objectContaining({ code: 'bad_config', message: expect.stringContaining(what) }));
  });

  it('names every variable that is wrong at once, and shows no secret', () => {
    const secrets = { SLACK_BOT_TOKEN: 'hunter2', DATABASE_URL: 'mysql://me:hunter2@db' };
    const message = thrownBy(() => parseConfig({ ...secrets, PORT: '-1' }));
    for (const name of ['SLACK_BOT_TOKEN', 'DATABASE_URL', 'PORT']) expect(message).toContain(name);
    expect(message).not.toContain('hunter2');
  });
});

function thrownBy(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
}
