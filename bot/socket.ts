import { setTimeout as delay } from 'node:timers/promises';
import { SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '@slack/web-api';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Acknowledgements, holdAcknowledgements, surviveOddEnvelopes } from './envelopes.ts';
import { clientOptions, refused, type Slack, slackCode } from './slack.ts';

/** The connection by which Slack sends events. */
export type Socket = {
  /** what Bolt listens to */
  receiver: SocketModeReceiver;
  acknowledgements: Acknowledgements;
  /** @throws `bad_config` when Slack refuses the app token, `unreachable` when there is no Slack */
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** Errors that no further try will heal. */
const FINAL = new Set(['not_authed', 'invalid_auth', 'account_inactive', 'user_removed_from_team', 'team_disabled', 'token_revoked']);
/** Longest pause between two tries to connect, in ms. */
const LONGEST_PAUSE = 30_000;
/** Longest that a stop waits for Slack's goodbye, in ms. */
const GOODBYE = 2_000;

/**
 * Socket Mode that stays connected. Slack's client reconnects by itself, but only after 5 s, and it is left dead with
 * an unhandled rejection when the token was revoked meanwhile; so it is told not to, and we do.
 * @param onLost called once when Slack will not have us back
 */
export function openSocket(slack: Slack, logger: Logger, log: Log, onLost: (error: Error) => void): Socket {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger,
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: clientOptions(slack.apiUrl, logger, 2) },
  });
  const { client } = receiver;
  const stopped = new AbortController();
  let connecting = false;
  surviveOddEnvelopes(client, log);
  const acknowledgements = holdAcknowledgements(client, log);

  const connect = async () => {
    connecting = true;
    try {
      await client.start();
    } finally {
      connecting = false;
    }
  };
  const reconnect = async () => {
    for (let attempt = 0; !stopped.signal.aborted; attempt += 1) {
      try {
        if (attempt > 0) await delay(Math.min(LONGEST_PAUSE, 500 * 2 ** attempt), undefined, { signal: stopped.signal });
        await connect();
        log.info({ attempt }, 'Connected to Slack again');
        return;
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (FINAL.has(slackCode(error) ?? '')) return onLost(refused('SLACK_APP_TOKEN', slack, error));
        log.warn({ attempt, why: messageOf(error) }, 'Slack does not take the connection; trying again');
      }
    }
  };
  client.on('disconnected', () => {
    if (!connecting && !stopped.signal.aborted) void reconnect();
  });

  return {
    receiver,
    acknowledgements,
    async start() {
      await connect().catch((error: unknown) => {
        throw refused('SLACK_APP_TOKEN', slack, error);
      });
    },
    async stop() {
      stopped.abort();
      await Promise.race([client.disconnect(), delay(GOODBYE, undefined, { ref: false })]);
    },
  };
}
