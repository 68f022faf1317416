import { setTimeout as delay } from 'node:timers/promises';
import { App } from '@slack/bolt';
import type { Logger } from '@slack/web-api';
import type { Db } from '../db/database.ts';
import type { Queue } from '../db/queue.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { openAdmins } from './admins.ts';
import { outOfOrder } from './answers.ts';
import type { Content } from './blocks.ts';
import { findSupportChannels } from './channels.ts';
import { click, openForm, sendForm } from './clicks.ts';
import { runCommand } from './commands.ts';
import { correct } from './corrections.ts';
import type { Deps } from './deps.ts';
import { logError } from './error-log.ts';
import { FORM } from './form.ts';
import { countInFlight, type InFlight } from './in-flight.ts';
import { CORRECT, SAYS } from './label-of-click.ts';
import type { LiveModel } from './live-model.ts';
import { RECOVERY, type RecoveryTiming, recoverTickets } from './recovery.ts';
import { type Trainer, WATCH, type WatchTiming, watchRuns } from './run-watcher.ts';
import type { Slack } from './slack.ts';
import { slackLog } from './slack-log.ts';
import { openSocket } from './socket.ts';
import { openTriage, type Triage } from './triage.ts';
import { triageable } from './triageable.ts';
import { takeTurns } from './turns.ts';

export type BotOptions = {
  slack: Slack;
  db: Db;
  model: LiveModel;
  queue: Pick<Queue, 'add'>;
  trainer: Trainer;
  /** ids or names; none means every channel that the bot is a member of */
  supportChannels: readonly string[];
  /** user ids or user names, besides the workspace's admins */
  admins: readonly string[];
  log: Log;
  /** called once when Slack will not have the bot back, such as after its token was revoked */
  onLost: (error: Error) => void;
  recovery?: RecoveryTiming;
  watch?: WatchTiming;
};

export type Bot = {
  /** Takes no more events, lets what is under way end, for 10 s at most, and stops. */
  stop(): Promise<void>;
};

/** Longest that a stop waits for what is under way, in ms. */
const DRAIN = 10_000;

/**
 * Listens to Slack: messages become tickets, reactions, buttons and forms corrections, `/ticket` is answered; and makes up for what an
 * earlier process left.
 * @throws `bad_config` when a support channel is not there or Slack refuses a token, `unreachable` when there is no Slack
 */
export async function startBot({ slack, db, model, queue, trainer, log, ...options }: BotOptions): Promise<Bot> {
  const logger = slackLog(log);
  const deps: Deps = { slack, db, model, queue, turns: takeTurns(), log };
  const isSupportChannel = await findSupportChannels(slack, options.supportChannels, log);
  const admins = openAdmins(slack, options.admins, log);
  const triage = openTriage(deps);
  const inFlight = countInFlight();
  const socket = openSocket(slack, logger, log, options.onLost);
  const watcher = watchRuns(deps, trainer, options.watch ?? WATCH);
  const { accept, refuse } = socket.acknowledgements;
  const app = openApp(slack, logger, socket.receiver);

  app.event('message', ({ event, body }) =>
    inFlight.run(
      async () => {
        const incoming = triageable(event, { botUserId: slack.botUserId, isSupportChannel });
        if (incoming !== undefined) await triage.receive(incoming, () => accept(body));
      },
      (error) => {
        refuse(body);
        logError(log, error, 'triage a message', { channel: event.channel, ts: event.ts });
      },
    ),
  );
  for (const type of ['reaction_added', 'reaction_removed'] as const)
    app.event(type, ({ event, body }) =>
      inFlight.run(
        () => correct(deps, triage, event, isSupportChannel, () => accept(body)),
        (error) => {
          refuse(body);
          logError(log, error, 'take a correction', { type, user: event.user });
        },
      ),
    );
  app.command('/ticket', ({ command, ack, respond }) =>
    inFlight.run(
      async () => {
        // Where the acknowledgement does not get through, Slack tells the person that the command failed, so it must not be done.
        await ack();
        const { text, user_id: userId, channel_id: channelId } = command;
        const answer = await runCommand(deps, admins, { text: text ?? '', userId, channelId });
        watcher.wake();
        await respond({ response_type: 'ephemeral', ...answer });
      },
      (error) => logError(log, error, 'answer a command', { user: command.user_id, channel: command.channel_id }),
    ),
  );
  listenToClicks(app, deps, triage, inFlight);
  app.error(async (error) => log.error({ why: messageOf(error) }, 'Bolt could not process an event'));

  let stopRecovery = async () => {};
  const stop = async () => {
    await socket.stop();
    const left = await inFlight.drain(DRAIN);
    if (left > 0) log.warn({ left }, 'Stopped while something was under way; the next start makes up for it');
    await Promise.race([Promise.all([stopRecovery(), watcher.stop()]), delay(DRAIN, undefined, { ref: false })]);
  };
  try {
    await socket.start();
  } catch (error) {
    await stop();
    throw error;
  }
  stopRecovery = recoverTickets(deps, triage, options.recovery ?? RECOVERY);
  return { stop };
}

/** Buttons of replies, and the form that one of them opens. */
function listenToClicks(app: App, deps: Deps, triage: Triage, inFlight: InFlight): void {
  const { log } = deps;
  const clicks: [string | RegExp, (body: unknown) => Promise<Content | undefined>][] = [
    [SAYS, (body) => click(deps, triage, body)],
    [CORRECT, (body) => openForm(deps, body)],
  ];
  for (const [actionId, handle] of clicks)
    app.action(actionId, ({ body, ack, respond }) =>
      inFlight.run(
        async () => {
          await ack();
          const answer = await handle(body).catch((error: unknown) => {
            logError(log, error, 'take a click', { user: body.user.id });
            return outOfOrder();
          });
          if (answer !== undefined) await respond({ response_type: 'ephemeral', replace_original: false, ...answer });
        },
        (error) => logError(log, error, 'answer a click', { user: body.user.id }),
      ),
    );
  app.view(FORM, ({ body, ack }) =>
    inFlight.run(
      async () => {
        // Stored first: what cannot be stored stays in the form, which is open until it is acknowledged.
        const sent = await sendForm(deps, body).catch((error: unknown) => {
          logError(log, error, 'store a form', { user: body.user.id });
          return { errors: { category: 'Not saved: something on my side does not work right now. Please try again in a minute.' } };
        });
        if ('errors' in sent) return ack({ response_action: 'errors', errors: sent.errors });
        await Promise.all([ack(), triage.refresh(sent.stored)]);
      },
      (error) => logError(log, error, 'take a form', { user: body.user.id }),
    ),
  );
}

/** Bolt with our socket. Given who we are, it does not ask Slack again, whose refusal would be an unhandled rejection. */
function openApp({ botToken, botId, botUserId, apiUrl }: Slack, logger: Logger, receiver: ReturnType<typeof openSocket>['receiver']): App {
  return new App({
    token: botToken,
    botId,
    botUserId,
    receiver,
    socketMode: true,
    logger,
    convoStore: false,
    clientOptions: apiUrl === undefined ? {} : { slackApiUrl: apiUrl },
  });
}
