import { setTimeout as delay } from 'node:timers/promises';
import { activeRuns, failRun, failStaleRuns, markAnnounced, setRunMessage, unannouncedRuns } from '../db/runs.ts';
import type { TrainingRun } from '../db/tables.ts';
import type { Deps } from './deps.ts';
import { logError } from './error-log.ts';
import { showPlots } from './run-plots.ts';
import { runReport } from './run-report.ts';
import { slackCode } from './slack.ts';

/** Starts a trainer of our own. */
export type Trainer = {
  /** Makes sure that one runs. `broken` when the last ones ended with an error before they took a job. */
  ensure(): 'running' | 'broken';
};

export type WatchTiming = {
  /** how often runs are looked at while there is one, in ms */
  busy: number;
  /** and while there is none */
  idle: number;
  /** shortest time between two edits of a message, in ms: Slack allows about one a second in a channel */
  edit: number;
  /** how long a job may wait for a trainer before we start one, in ms */
  wait: number;
  /** how long a trainer may be silent, in ms */
  silence: number;
};

export const WATCH: WatchTiming = { busy: 2_000, idle: 15_000, edit: 3_000, wait: 5_000, silence: 120_000 };

/** Most tries to show plots, where Slack does not say why it takes none. */
const PLOT_TRIES = 4;

export type RunWatcher = {
  /** Looks at once: a run was just created. */
  wake(): void;
  stop(): Promise<void>;
};

/**
 * Tells the progress of trainings and their ends in Slack, starts a trainer where none takes the job, and fails runs
 * whose trainer died. What it has to do it reads from the rows, so a restart loses nothing.
 */
export function watchRuns(deps: Deps, trainer: Trainer, timing: WatchTiming = WATCH): RunWatcher {
  const { db, slack, queue, log } = deps;
  let stopped = false;
  const shown = new Map<string, { text: string; at: number }>();
  const queued = new Set<string>();
  const plotTries = new Map<string, number>();
  let alarm = new AbortController();

  const tick = async () => {
    await failStaleRuns(db, timing.silence);
    const active = await activeRuns(db, slack.teamId);
    for (const run of active) {
      if (run.state === 'queued') await expectTrainer(run);
      await show(run);
    }
    const ended = await unannouncedRuns(db, slack.teamId);
    for (const run of ended) {
      await show(run);
      await tryPlots(run.id);
      await markAnnounced(db, run.id);
      shown.delete(run.id);
      log.info({ run: run.id, state: run.state, promoted: run.promoted }, 'Training ended');
    }
    return active.length > 0;
  };

  /** What Slack does not take within some tries, such as behind a proxy that lets no uploads through, the run ends without. */
  const tryPlots = async (id: string) => {
    try {
      await showPlots(deps, id);
    } catch (error) {
      const tries = (plotTries.get(id) ?? 0) + 1;
      plotTries.set(id, tries);
      if (tries < PLOT_TRIES) throw error;
      logError(log, error, 'show the plots of a training, which ends without them', { run: id });
    }
    plotTries.delete(id);
  };

  const expectTrainer = async (run: TrainingRun) => {
    if (Date.now() - run.createdAt.getTime() < timing.wait) return;
    // A crash between the row and the queue would leave the run waiting for ever; adding it twice is harmless.
    if (!queued.has(run.id)) await queue.add({ runId: run.id, teamId: run.teamId });
    queued.add(run.id);
    if (trainer.ensure() === 'broken')
      await failRun(
        db,
        run.id,
        'No trainer took the job, and the one that the bot started ended with an error: the log of the bot says why',
      );
  };

  const show = async (run: TrainingRun) => {
    const ended = run.endedAt !== null;
    const content = runReport(run);
    const text = JSON.stringify(content);
    const before = shown.get(run.id);
    if (before?.text === text || (!ended && before !== undefined && Date.now() - before.at < timing.edit)) return;
    // The command that created the run posts the message: only one that crashed in between leaves it to us.
    if (run.messageTs === null && Date.now() - run.createdAt.getTime() < timing.wait) return;
    try {
      if (run.messageTs !== null) await slack.progress.chat.update({ channel: run.channelId, ts: run.messageTs, ...content });
      else await setRunMessage(db, run.id, (await slack.once.chat.postMessage({ channel: run.channelId, ...content })).ts ?? '');
    } catch (error) {
      const code = slackCode(error);
      if (code === undefined) throw error;
      log.warn({ run: run.id, channel: run.channelId, code }, 'Slack does not take the news of a training');
    }
    shown.set(run.id, { text, at: Date.now() });
  };

  const loop = async () => {
    while (!stopped) {
      alarm = new AbortController();
      const busy = await tick().catch((error: unknown) => logError(log, error, 'look after the trainings'));
      const pause = busy === true ? timing.busy : timing.idle;
      await delay(pause, undefined, { signal: alarm.signal }).catch(() => {});
    }
  };
  const watching = loop();

  return {
    wake: () => alarm.abort(),
    async stop() {
      stopped = true;
      alarm.abort();
      await watching;
    },
  };
}
