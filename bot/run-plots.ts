import { plotsOf } from '../db/run-plots.ts';
import { getRun } from '../db/runs.ts';
import type { Deps } from './deps.ts';
import { slackCode } from './slack.ts';

/**
 * Shows the plots of a run in the thread of its message, once: after a crash the thread is looked at first.
 * @throws what went wrong, unless Slack will not take them, which is logged
 */
export async function showPlots({ db, slack, log }: Deps, runId: string): Promise<void> {
  const [run, plots] = [await getRun(db, runId), await plotsOf(db, runId)];
  const [first] = plots;
  if (first === undefined || run === undefined || run.messageTs === null) return;
  const { messageTs, channelId, modelVersion } = run;
  const fileOf = (name: string) => `${modelVersion ?? runId}-${name}.png`;
  try {
    const thread = await slack.progress.conversations.replies({ channel: channelId, ts: messageTs, limit: 200 });
    const shared = (thread.messages ?? []).flatMap(({ files = [] }) => files.map(({ name }) => name));
    if (shared.includes(fileOf(first.name))) return;
    await slack.once.filesUploadV2({
      channel_id: channelId,
      thread_ts: messageTs,
      file_uploads: plots.map(({ name, title, png }) => ({ file: png, filename: fileOf(name), title, alt_text: title })),
    });
  } catch (error) {
    const code = slackCode(error);
    if (code === undefined) throw error;
    log.warn({ run: runId, channel: channelId, code }, 'Slack does not take the plots of a training');
  }
}
