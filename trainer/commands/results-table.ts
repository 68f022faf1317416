import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, TicketwiseError } from '../../errors.ts';
import { DEFAULT_RECIPE } from '../training/recipe.ts';
import { markdownTable } from './markdown-table.ts';
import { type OutOfScopeRecord, readOutOfScope } from './out-of-scope-record.ts';
import { duration } from './progress-bar.ts';
import type { Kept } from './results.ts';

const scores = z.object({ rows: z.number(), accuracy: z.number(), macroF1: z.number(), ece: z.number() });
const told = z.object({ coverage: z.number(), precision: z.number() });
const evaluation = z.object({
  dataSet: z.string(),
  intent: scores.optional(),
  category: scores.optional(),
  priority: scores.optional(),
  promises: z.array(told.extend({ promised: z.number() })).optional(),
  told: told.optional(),
  inScope: z.number().optional(),
  chatter: z.object({ recall: z.number(), ticketsSilenced: z.number(), separated: z.number().optional() }).optional(),
});

/** What the table needs of a run's record. Records grow with the code, so what else stands in one is let pass. */
const runSchema = z.object({
  run: z.string(),
  measuredAt: z.string(),
  machine: z.string(),
  model: z.object({
    version: z.string(),
    base: z.string(),
    commit: z.string().nullable(),
    seed: z.number(),
    recipe: z.record(z.string(), z.unknown()),
    data: z.array(z.object({ name: z.string(), sha256: z.string() })),
  }),
  training: z.object({ device: z.string(), seconds: z.number(), peakMemoryBytes: z.number() }).optional(),
  evaluations: z.array(evaluation),
  baseline: z.array(evaluation).optional(),
});

export type KeptRun = z.infer<typeof runSchema>;
type Kind = 'intent' | 'category' | 'priority';

const BANKING77 = 'banking77/test';
const SEED = 'seed/test';

/**
 * Reads `metrics/*.json` of a folder of results, or those of held-out rows, in order of name.
 * @throws `bad_data` naming the file
 */
export async function readRuns(results: string, kept: Kept = 'metrics'): Promise<KeptRun[]> {
  const dir = path.join(results, kept);
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(names.map(async (name) => parseRun(await readFile(path.join(dir, name), 'utf8'), path.join(dir, name))));
}

/** Writes the table of the kept runs. Returns its path. */
export async function writeResultsTable(results: string): Promise<string> {
  const file = path.join(results, 'README.md');
  await mkdir(results, { recursive: true });
  await writeFile(file, resultsTable(await readRuns(results), await readRuns(results, 'held-out'), await readOutOfScope(results)));
  return file;
}

/** The table of runs as Markdown: what they scored, what they tell, seeds taken together, and how each was made. */
export function resultsTable(runs: readonly KeptRun[], heldOut: readonly KeptRun[] = [], outOfScope?: OutOfScopeRecord): string {
  const parts = [
    '# Results',
    'Made by `npm run results` from `metrics/*.json` and `held-out/*.json`; edit neither by hand. Accuracy in %, macro-F1 and calibration error (ECE, 15 bins) on the test parts, by which no recipe and no threshold was chosen; one model was withheld after them ([docs/recipe.md](../docs/recipe.md#going-on-from-an-average)). The seed corpus grows: runs with other numbers of its tickets were measured on other test parts. Each run is one model, measured as it is served: the exported file, through the classifier of the bot.',
    '## What the models score',
    runs.length === 0 ? 'No run is kept yet.' : scoresTable(runs),
    ...toldPart(runs),
    ...(outOfScope === undefined ? [] : outOfScopePart(outOfScope)),
    ...seedsPart(runs),
    ...heldOutPart(heldOut),
    ...(runs.length === 0 ? [] : ['## How they were made', provenanceTable(runs)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function scoresTable(runs: readonly KeptRun[]): string {
  const head = [
    'run',
    '77 intents',
    'F1',
    'ECE',
    '5 categories',
    'F1',
    'ECE',
    '3 priorities',
    'seed: tickets',
    'categories',
    'F1',
    'priorities',
  ];
  const rowOf = (name: string, evaluations: KeptRun['evaluations']) => {
    const of = (dataSet: string, kind: Kind) => evaluations.find((part) => part.dataSet === dataSet)?.[kind];
    const all = (kind: Kind) => figures(of(BANKING77, kind));
    return [
      name,
      ...all('intent'),
      ...all('category'),
      all('priority')[0],
      String(of(SEED, 'category')?.rows ?? ''),
      ...figures(of(SEED, 'category')).slice(0, 2),
      figures(of(SEED, 'priority'))[0],
    ];
  };
  const rows = runs.flatMap((run) => [
    rowOf(linkTo(run), run.evaluations),
    ...(run.baseline === undefined ? [] : [rowOf('&nbsp; its linear baseline', run.baseline)]),
  ]);
  return markdownTable(head, rows);
}

/** What the runs that promise a precision keep of it. */
function toldPart(runs: readonly KeptRun[]): string[] {
  const percent = (value: number | undefined) => (value === undefined ? '' : (100 * value).toFixed(1));
  const pair = (of: z.infer<typeof told> | undefined) => (of === undefined ? '' : `${percent(of.coverage)} / ${percent(of.precision)}`);
  const parts = runs.flatMap((run) =>
    run.evaluations.flatMap((part) => (part.promises === undefined ? [] : [{ run, part, promises: part.promises }])),
  );
  if (parts.length === 0) return [];
  const promised = [...new Set(parts.flatMap(({ promises }) => promises.map((one) => one.promised)))].sort();
  const rows = parts.map(({ run, part, promises }) => [
    linkTo(run),
    part.dataSet,
    ...promised.map((precision) => pair(promises.find((one) => one.promised === precision))),
    pair(part.told),
    percent(part.inScope),
    percent(part.chatter?.recall),
    percent(part.chatter?.ticketsSilenced),
    percent(part.chatter?.separated),
  ]);
  const head = [
    'run',
    'test part',
    ...promised.map((precision) => `at ${Math.round(100 * precision)} %`),
    'the bot',
    'in scope',
    'chatter silent',
    'tickets silenced',
    'chatter at 1 % silenced',
  ];
  return [
    '## What the models tell',
    'Categories that are told, and how many of these are right, in %: at the thresholds of each promised precision, and as the bot decides. Tickets that are taken for like those learnt; chatter and tickets on which the bot is silent. Every threshold was fitted on held-out messages. The last column tells how much chatter P(chatter) sets apart from all but 1 % of the tickets of the test part itself, by no threshold that the bot has.',
    markdownTable(head, rows),
  ];
}

function outOfScopePart({ scores: separations, rows, leftOut, inside, base, commit, machine, command }: OutOfScopeRecord): string[] {
  const lines = Object.entries(separations).map(([score, { auroc, recall }]) => [score, auroc.toFixed(4), (100 * recall).toFixed(1)]);
  return [
    '## Messages like nothing that was learnt',
    `Of a model from ${base} that learnt Banking77 without ${leftOut.length} of its intents: ${rows.outOfScope} messages of those beside ${rows.inScope} unseen ones of the others. \`${command}\`, commit ${commit ?? 'unknown'}, ${machine}.`,
    markdownTable(['score', 'AUROC', `told in %, where ${Math.round(100 * inside)} % in scope stay`], lines),
  ];
}

/** Mean and standard deviation of runs that differ in nothing but the seed. */
function seedsPart(runs: readonly KeptRun[]): string[] {
  const groups = new Map<string, KeptRun[]>();
  for (const run of runs.filter(({ run: name }) => !name.endsWith('-fp32'))) {
    const { base, data, recipe } = run.model;
    const key = JSON.stringify([base, data.map(({ sha256 }) => sha256), changedKeys(recipe)]);
    const others = (groups.get(key) ?? []).filter((other) => other.model.version !== run.model.version);
    groups.set(key, [...others, run]);
  }
  const several = [...groups.values()]
    .filter((group) => new Set(group.map(({ model }) => model.seed)).size > 1)
    .map((group) => group.toSorted((a, b) => a.model.seed - b.model.seed));
  if (several.length === 0) return [];
  const rows = several.map((group) => {
    const over = (dataSet: string, kind: Kind) =>
      spread(group.flatMap((run) => run.evaluations.find((part) => part.dataSet === dataSet)?.[kind]?.accuracy ?? []));
    return [
      changedKeys(group[0]?.model.recipe ?? {}),
      group.map(({ model }) => model.seed).join(', '),
      over(BANKING77, 'intent'),
      over(BANKING77, 'category'),
      over(BANKING77, 'priority'),
      over(SEED, 'category'),
      over(SEED, 'priority'),
    ];
  });
  const head = ['recipe', 'seeds', '77 intents', '5 categories', '3 priorities', 'seed: categories', 'seed: priorities'];
  return [
    '## Seeds together',
    'Mean ± standard deviation of the accuracy over runs that differ in nothing but the seed.',
    markdownTable(head, rows),
  ];
}

/** What models were chosen by. */
function heldOutPart(runs: readonly KeptRun[]): string[] {
  if (runs.length === 0) return [];
  const accuracy = (part: z.infer<typeof scores> | undefined) => figures(part)[0];
  const rows = runs.flatMap((run) =>
    run.evaluations.map(({ dataSet, intent, category, priority, chatter }) => [
      `[${run.run}](held-out/${run.run}.json)`,
      changedKeys(run.model.recipe),
      dataSet,
      String(category?.rows ?? ''),
      accuracy(intent),
      accuracy(category),
      accuracy(priority),
      chatter?.separated === undefined ? '' : (100 * chatter.separated).toFixed(1),
    ]),
  );
  const head = ['run', 'recipe', 'rows of', 'tickets', 'intents', 'categories', 'priorities', 'chatter at 1 % silenced'];
  return [
    '## On rows held out of training',
    'By these, models are chosen, and thresholds fitted (`npm run evaluate -- --model DIR --held-out`): accuracy in %. A figure of theirs is no proof of a model that was chosen by it.',
    markdownTable(head, rows),
  ];
}

function provenanceTable(runs: readonly KeptRun[]): string {
  const head = ['run', 'base', 'commit', 'recipe', 'seed', 'data', 'device', 'training', 'peak memory', 'machine'];
  return markdownTable(
    head,
    runs.map((run) => {
      const { model, training, machine } = run;
      return [
        linkTo(run),
        model.base,
        model.commit ?? 'unknown',
        changedKeys(model.recipe),
        String(model.seed),
        model.data.map(({ name, sha256 }) => `${name} \`${sha256.slice(0, 8)}\``).join('<br>'),
        training?.device ?? '',
        training === undefined ? '' : duration(training.seconds),
        training === undefined ? '' : `${(training.peakMemoryBytes / 1e9).toFixed(2)} GB`,
        machine,
      ];
    }),
  );
}

/** A recipe as the keys in which it differs from today's default, without the seed. */
export function changedKeys(recipe: Record<string, unknown>): string {
  const defaults: Record<string, unknown> = DEFAULT_RECIPE;
  const keys = [...new Set([...Object.keys(defaults), ...Object.keys(recipe)])].filter((key) => key !== 'seed');
  const changed = keys.filter((key) => JSON.stringify(recipe[key]) !== JSON.stringify(defaults[key]));
  return changed.length === 0 ? 'default' : changed.map((key) => `${key} ${showValue(recipe[key])}`).join(', ');
}

/** A value of a recipe, or of a record, in words. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'unknown';
  if (Array.isArray(value)) return value.join(' and ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, part]) => `${key} ${part}`)
    .join(' ');
}

function parseRun(text: string, from: string): KeptRun {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TicketwiseError('bad_data', `${from} is no JSON: ${messageOf(cause)}`, { cause });
  }
  const parsed = runSchema.safeParse(json);
  if (!parsed.success) throw new TicketwiseError('bad_data', `${from} is no record of a run:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function figures(part: z.infer<typeof scores> | undefined): [string, string, string] {
  return part === undefined ? ['', '', ''] : [(100 * part.accuracy).toFixed(2), part.macroF1.toFixed(3), part.ece.toFixed(3)];
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return '';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
  return `${(100 * mean).toFixed(2)} ± ${(100 * deviation).toFixed(2)}`;
}

function linkTo({ run }: KeptRun): string {
  return `[${run}](metrics/${run}.json)`;
}
