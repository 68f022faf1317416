import { markdownRow } from '../commands/markdown-table.ts';

/** Figures for people. The first column is text and stands left, the others right. */
export type Table = { title: string; columns: string[]; rows: string[][]; notes?: string[] };

/** What a part of the benchmark found: tables for people, and the same figures for programs. */
export type Finding = { tables: Table[]; figures: Record<string, unknown> };

/** What was promised of a figure. */
export type Goal = { atMost: number } | { atLeast: number };

/** A goal in words, and whether the figure reached it: `<= 2.5 ms, met`. */
export function judge(value: number, goal: Goal, unit: string): string {
  const [sign, limit, met] =
    'atMost' in goal ? (['<=', goal.atMost, value <= goal.atMost] as const) : (['>=', goal.atLeast, value >= goal.atLeast] as const);
  return `${sign} ${limit}${unit === '' ? '' : ` ${unit}`}, ${met ? 'met' : 'missed'}`;
}

/** A table as lines for a terminal. */
export function formatText({ title, columns, rows, notes = [] }: Table): string {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('   ')
      .trimEnd();
  return [title, ...[columns, ...rows].map((cells) => `  ${line(cells)}`), ...notes.map((note) => `  ${note}`)].join('\n');
}

/** A table in Markdown. */
export function formatMarkdown({ title, columns, rows, notes = [] }: Table): string {
  const rule = `|${columns.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`;
  return [`**${title}**`, '', markdownRow(columns), rule, ...rows.map(markdownRow), ...notes.flatMap((note) => ['', note])].join('\n');
}
