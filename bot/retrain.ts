import { sql } from 'kysely';
import { inTransaction } from '../db/database.ts';
import { activeRuns, createRun, failRun, markAnnounced, setRunMessage } from '../db/runs.ts';
import type { TrainingRun } from '../db/tables.ts';
import type { Admins } from './admins.ts';
import { type Content, paragraph } from './blocks.ts';
import type { Deps } from './deps.ts';
import { runReport } from './run-report.ts';
import { slackCode } from './slack.ts';

/** Who asks for a training, and where its progress is to be told. */
export type Request = { userId: string; channelId: string };

/**
 * Queues a training for an admin and posts the message that tells its progress; one at a time for a workspace.
 * @returns the private answer
 */
export async function requestRetrain(deps: Deps, admins: Admins, { userId, channelId }: Request): Promise<Content> {
  const { db, slack, queue, log } = deps;
  const admin = await admins(userId);
  if (admin === 'unknown')
    return paragraph('Slack does not tell me whether you are an admin, so I did not start. Please try again in a minute.');
  if (admin === 'no')
    return paragraph(
      'Only admins of this workspace, and the people in TICKET_ADMINS, can start a training. Your corrections count for the next one.',
    );
  const { run, isNew } = await createOnlyRun(deps, userId, channelId);
  if (!isNew)
    return paragraph(
      `A training is under way already, asked for by <@${run.requestedBy}> in <#${run.channelId}>. I tell its progress there.`,
    );
  try {
    const posted = await slack.once.chat.postMessage({ channel: channelId, ...runReport(run) });
    await setRunMessage(db, run.id, posted.ts ?? '');
  } catch (error) {
    const code = slackCode(error);
    await failRun(db, run.id, 'Its progress could not be told in Slack');
    await markAnnounced(db, run.id);
    if (code === undefined) throw error;
    log.warn({ channel: channelId, code }, 'Slack does not take the message of a training');
    return paragraph(
      `I cannot post in this channel (\`${code}\`), so I did not start. Invite me with /invite, or ask in a support channel.`,
    );
  }
  try {
    await queue.add({ runId: run.id, teamId: run.teamId });
  } catch (error) {
    await failRun(db, run.id, 'The queue did not take the job. Is the queue’s server there?');
    throw error;
  }
  log.info({ run: run.id, user: userId }, 'Training queued');
  return paragraph('The training is queued. The message below tells how far it is, and in the end what came of it.');
}

/** Two admins may ask at once, of two bots: the second one gets the first one's run. */
function createOnlyRun(
  { db, slack: { teamId } }: Deps,
  requestedBy: string,
  channelId: string,
): Promise<{ run: TrainingRun; isNew: boolean }> {
  return inTransaction(db, async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`ticketwise_retrain:${teamId}`}, 0))`.execute(trx);
    const [active] = await activeRuns(trx, teamId);
    return active === undefined
      ? { run: await createRun(trx, { teamId, requestedBy, channelId }), isNew: true }
      : { run: active, isNew: false };
  });
}
