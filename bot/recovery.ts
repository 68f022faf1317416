import { setTimeout as delay } from 'node:timers/promises';
import type { Ticket } from '../db/tables.ts';
import { ticketsAwaitingReply } from '../db/tickets.ts';
import type { Deps } from './deps.ts';
import { logError } from './error-log.ts';
import type { Triage } from './triage.ts';

export type RecoveryTiming = {
  /** how often unanswered tickets are looked for, in ms; default 30 s */
  every: number;
  /** how long a ticket may be under way before another process takes it up, in ms; default 15 s, longer than a post may take */
  after: number;
};

export const RECOVERY: RecoveryTiming = { every: 30_000, after: 15_000 };

/** Older tickets are let be: an answer after a day helps nobody. In ms. */
const OLDEST = 24 * 3600 * 1000;

/**
 * Answers, now and again, what was stored and not answered: after a crash, or while Slack or the model did not work.
 * @returns stops, once the ticket in hand is answered
 */
export function recoverTickets({ db, slack, log }: Deps, triage: Triage, { every, after }: RecoveryTiming = RECOVERY): () => Promise<void> {
  const stopped = new AbortController();
  const sweep = async () => {
    const unanswered = await ticketsAwaitingReply(db, slack.teamId, new Date(Date.now() - OLDEST));
    for (const ticket of unanswered.filter((one: Ticket) => Date.now() - one.createdAt.getTime() >= after)) {
      if (stopped.signal.aborted) return;
      await triage.answer(ticket).catch((error: unknown) => logError(log, error, 'answer a ticket that was left', { ticket: ticket.id }));
    }
  };
  const loop = async () => {
    while (!stopped.signal.aborted) {
      await sweep().catch((error: unknown) => logError(log, error, 'look for tickets that were left'));
      await delay(every, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  const sweeping = loop();
  return async () => {
    stopped.abort();
    await sweeping;
  };
}
