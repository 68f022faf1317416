import type { TrainingRun } from '../db/tables.ts';
import { type Content, paragraph, section } from './blocks.ts';
import { escapeText, joinWithin, percent, SECTION_LIMIT } from './slack-text.ts';

const BAR = 20;
/** Most figures that a report shows. */
const FIGURES = 12;

/** What is said of a run. */
export type RunNews = Pick<TrainingRun, 'state' | 'requestedBy' | 'progress' | 'result' | 'modelVersion' | 'promoted' | 'reason' | 'error'>;

/** The message that tells a training run's progress, and at the end its figures, the decision and the reason for it. */
export function runReport(run: RunNews): Content {
  const asked = `asked for by ${/^[UW][A-Z0-9]+$/.test(run.requestedBy) ? `<@${run.requestedBy}>` : escapeText(run.requestedBy)}`;
  if (run.state === 'queued') return paragraph(`:hourglass_flowing_sand: *Training*, ${asked}: waiting for a trainer`);
  if (run.state === 'running') return paragraph(`:hourglass_flowing_sand: *Training*, ${asked}\n${progressLine(run.progress)}`);
  if (run.state === 'failed')
    return paragraph(
      joinWithin(
        [`:warning: *The training failed*, ${asked}. What was live stays live.`, escapeText(run.error ?? '')],
        '\n',
        SECTION_LIMIT,
      ),
    );
  const version = `\`${escapeText(run.modelVersion ?? '')}\``;
  const decision =
    run.promoted === true ? `:white_check_mark: *Model ${version} is live*` : `:no_entry_sign: *The old model stays* instead of ${version}`;
  const summary = joinWithin([`${decision}. Training ${asked}.`, escapeText(run.reason ?? '')], '\n', SECTION_LIMIT);
  const table = figures(run.result?.old ?? null, run.result?.new ?? {});
  return { text: summary, blocks: [section(summary), ...(table === '' ? [] : [section(table)])] };
}

function progressLine(progress: TrainingRun['progress']): string {
  if (progress === null) return 'starting';
  const { phase, step, steps, loss, secondsLeft } = progress;
  const done = steps > 0 ? Math.min(1, step / steps) : 0;
  const parts = [
    escapeText(phase),
    ...(steps > 0 ? [`\`${'▇'.repeat(Math.round(done * BAR)).padEnd(BAR)}\` ${percent(done)}`] : []),
    ...(loss === null ? [] : [`loss ${loss.toFixed(3)}`]),
    ...(secondsLeft === null ? [] : [`${duration(secondsLeft)} left`]),
  ];
  return joinWithin(parts, ' · ', 1000);
}

/** `old` against `new`, a line for each figure that the new model has. */
function figures(old: Record<string, unknown> | null, now: Record<string, unknown>): string {
  const before = new Map(leaves(old ?? {}));
  const rows = leaves(now)
    .slice(0, FIGURES)
    .map(([name, value]) => [name.slice(0, 40), figure(name, before.get(name)), figure(name, value)] as const);
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = (name: string, a: string, b: string) => `${name.padEnd(width)}  ${a.padStart(8)}  ${b.padStart(8)}`;
  return `\`\`\`\n${[line('', 'old', 'new'), ...rows.map((row) => line(...row))].map(escapeText).join('\n')}\n\`\`\``;
}

/** Numbers of a nested record by their path, such as `heldOut.accuracy`. */
export function leaves(record: Record<string, unknown>, path = ''): [string, number][] {
  return Object.entries(record).flatMap(([key, value]): [string, number][] => {
    const name = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'number' && Number.isFinite(value)) return [[name, value]];
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? leaves({ ...value }, name) : [];
  });
}

/** A count of rows, or what {@link shown} makes of any other figure. */
function figure(name: string, value: number | undefined): string {
  return value !== undefined && /(^|\.)rows$/.test(name) ? value.toLocaleString('en') : shown(value);
}

/** A share as percent with one decimal, any other number as it is. */
export function shown(value: number | undefined): string {
  if (value === undefined) return '-';
  if (value >= 0 && value <= 1) return `${(value * 100).toFixed(1)} %`;
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toPrecision(4);
}

/** Seconds in words, roughly: `40 s`, `3 min`. */
function duration(seconds: number): string {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}
