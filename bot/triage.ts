import { currentFeedback } from '../db/feedback.ts';
import { latestPrediction, storePrediction } from '../db/predictions.ts';
import type { Prediction, Ticket } from '../db/tables.ts';
import { closeWithoutReply, findTicket, setReply, storeTicket } from '../db/tickets.ts';
import { MAX_TEXT } from '../models/classification.ts';
import { redact } from '../redact.ts';
import { tooLong } from './answers.ts';
import type { Content } from './blocks.ts';
import type { Deps } from './deps.ts';
import { logError } from './error-log.ts';
import { editReply, postOnce } from './posting.ts';
import { reply } from './reply.ts';
import { slackCode } from './slack.ts';
import type { Incoming } from './triageable.ts';

/** What becomes of tickets. */
export type Triage = {
  /**
   * Stores a message and answers it. One that is there already is left to whoever stored it, or to {@link Triage.answer}.
   * @param onStored called as soon as the message is safe
   */
  receive(incoming: Incoming, onStored: () => void): Promise<void>;
  /** Answers a stored ticket that an earlier try may have answered: looks into its thread first. */
  answer(ticket: Ticket): Promise<void>;
  /** Brings the reply up to date with what people say; of several calls at once the last state stays. */
  refresh(ticket: Ticket): Promise<void>;
};

/** One ticket at a time: an edit waits for the reply, and edits do not overtake each other. */
export function openTriage(deps: Deps): Triage {
  const { db, slack, model, log, turns } = deps;
  const waiting = new Map<number, Promise<void>>();
  const refused = new Set<number>();

  const current = ({ teamId, channelId, ts }: Ticket) => findTicket(db, teamId, channelId, ts);

  const respond = async (stored: Ticket, mayBeThere: boolean) => {
    const ticket = mayBeThere ? await current(stored) : stored;
    if (ticket === undefined || ticket.replyTs !== null || ticket.closed !== null || refused.has(ticket.id)) return;
    if (ticket.text.length > MAX_TEXT) return refuseLong(ticket);
    const prediction = (await latestPrediction(db, ticket.id)) ?? (await predict(ticket));
    if (prediction.silent) return closeWithoutReply(db, ticket.id, 'chatter');
    const content = await render(ticket, prediction);
    let replyTs: string;
    try {
      replyTs = await postOnce(slack, ticket, content, mayBeThere);
    } catch (error) {
      const code = slackCode(error);
      if (code === undefined) throw error;
      refused.add(ticket.id);
      log.warn({ ticket: ticket.id, channel: ticket.channelId, code }, 'Slack does not take the reply');
      return;
    }
    const first = await setReply(db, ticket.id, replyTs);
    // Another process answered between our look and our post: its reply is the one that people may have seen.
    if (!first && (await current(ticket))?.replyTs !== replyTs) await slack.client.chat.delete({ channel: ticket.channelId, ts: replyTs });
    log.info(
      {
        ticket: ticket.id,
        channel: ticket.channelId,
        model: prediction.modelVersion,
        category: prediction.category,
        sure: prediction.sure,
      },
      'Answered',
    );
  };

  const predict = async (ticket: Ticket) => {
    const [classification] = await model.classify([ticket.text]);
    if (classification === undefined) throw new Error('The classifier gave no answer');
    return storePrediction(db, ticket, classification);
  };

  const refuseLong = async (ticket: Ticket) => {
    // Closed first: told twice is worse than, after a crash just here, not at all.
    await closeWithoutReply(db, ticket.id, 'too_long');
    await slack.client.chat
      .postEphemeral({ channel: ticket.channelId, user: ticket.userId, ...tooLong(ticket.text.length) })
      .catch((error: unknown) => logError(log, error, 'say that a message is too long', { ticket: ticket.id }));
  };

  const render = async (ticket: Ticket, prediction: Prediction): Promise<Content> => {
    const verdict = {
      category: { id: prediction.category, probability: prediction.categoryProbability },
      priority: { id: prediction.priority, probability: prediction.priorityProbability },
      intent: { id: prediction.intent, probability: prediction.intentProbability },
      categories: prediction.categories,
      sure: prediction.sure,
      inScope: prediction.inScope,
    };
    return reply(verdict, await currentFeedback(db, ticket.id), model.labels);
  };

  const edit = async (stored: Ticket) => {
    const ticket = await current(stored);
    const prediction = ticket && (await latestPrediction(db, ticket.id));
    if (ticket === undefined || prediction === undefined || ticket.replyTs === null) return;
    try {
      await editReply(slack, { ...ticket, replyTs: ticket.replyTs }, await render(ticket, prediction));
    } catch (error) {
      const code = slackCode(error);
      if (code === undefined) throw error;
      log.warn({ ticket: ticket.id, channel: ticket.channelId, code }, 'Slack does not take the edit');
    }
  };

  return {
    async receive(incoming, onStored) {
      const text = redact(incoming.text);
      const { ticket, isNew } = await storeTicket(db, { teamId: slack.teamId, ...incoming, text });
      onStored();
      if (isNew) await turns(ticket.id, () => respond(ticket, false));
    },
    answer: (ticket) => turns(ticket.id, () => respond(ticket, true)),
    refresh(ticket) {
      const already = waiting.get(ticket.id);
      if (already !== undefined) return already;
      const turn = turns(ticket.id, () => {
        // From here on a new word needs another edit: this one may have read the words before it.
        waiting.delete(ticket.id);
        return edit(ticket);
      });
      waiting.set(ticket.id, turn);
      return turn;
    },
  };
}
