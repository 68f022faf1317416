import { CHATTER, type Taxonomy } from '../labels.ts';
import type { Import } from './import.ts';
import { describeLabels } from './label-words.ts';
import type { Refusal } from './table-file.ts';

/** Line numbers that are shown for each reason. */
const LINES = 20;
/** Reasons that are shown, the most frequent first; a wrong column can bring thousands. */
const REASONS = 25;

/** What was taken, what was not and why, for a terminal. */
export function formatImport({ lines, refused, duplicates, redacted }: Import, unusedMappings: string[], taxonomy: Taxonomy): string {
  const byReason = groupByReason(refused);
  const conflicts = duplicates.filter(({ other }) => other);
  const tally = (ids: string[], idOf: (line: Import['lines'][number]) => string | undefined) =>
    ids.map((id) => `${id} ${count(lines.filter((line) => idOf(line) === id).length)}`).join(', ');
  const categories = taxonomy.categories.map(({ id }) => id);
  return [
    `rows      ${count(lines.length + refused.length + duplicates.length)}`,
    `taken     ${count(lines.length)}`,
    ...(lines.length === 0
      ? []
      : [
          `          ${tally([...categories, CHATTER], (line) => (line.chatter ? CHATTER : line.category))}`,
          `          ${tally(
            taxonomy.priorities.map(({ id }) => id),
            (line) => line.priority,
          )}, no priority ${count(lines.filter((line) => !line.chatter && line.priority === undefined).length)}`,
        ]),
    ...(redacted === 0 ? [] : [`          personal data was redacted in ${count(redacted)}`]),
    `dropped   ${count(duplicates.length)} with a text that an earlier row has`,
    ...(conflicts.length === 0
      ? []
      : [
          `          ${count(conflicts.length)} of them with other labels; the earlier row counts`,
          `            lines ${list(conflicts.map(({ line, of }) => `${line} (as ${of})`))}`,
        ]),
    `refused   ${count(refused.length)}`,
    ...byReason
      .slice(0, REASONS)
      .flatMap(([reason, rows]) => [`  ${count(rows.length).padStart(6)}  ${reason}`, `          lines ${list(rows.map(String))}`]),
    ...(byReason.length > REASONS ? [`          and ${count(byReason.length - REASONS)} other reasons`] : []),
    ...(byReason.some(([reason]) => reason.includes('not in the taxonomy')) ? [describeLabels(taxonomy)] : []),
    ...unusedMappings.map((mapping) => `--map "${mapping}" matched no row.`),
  ].join('\n');
}

/** The lines of each reason, most lines first. */
function groupByReason(refused: readonly Refusal[]): [reason: string, lines: number[]][] {
  const lines = new Map<string, number[]>();
  for (const { reason, line } of refused) {
    const there = lines.get(reason);
    if (there === undefined) lines.set(reason, [line]);
    else there.push(line);
  }
  return [...lines].sort(([, a], [, b]) => b.length - a.length);
}

function list(items: string[]): string {
  return items.slice(0, LINES).join(', ') + (items.length > LINES ? ` and ${count(items.length - LINES)} more` : '');
}

function count(value: number): string {
  return value.toLocaleString('en');
}
