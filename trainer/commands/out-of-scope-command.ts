import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArguments } from '../../cli.ts';
import type { Row } from '../../data/row.ts';
import { readTaxonomy } from '../../data/taxonomy.ts';
import { TicketwiseError } from '../../errors.ts';
import { labelsOf } from '../../labels.ts';
import { type Output, openInference } from '../../models/inference.ts';
import { nearestMean, SCOPE_SCORES } from '../../models/scope.ts';
import { buildModel, currentCommit, describeMachine } from '../build.ts';
import { assignFolds } from '../evaluation/folds.ts';
import { drawClasses, type Separation, separation } from '../evaluation/out-of-scope.ts';
import { resolveBanking77, resolveBase } from '../sources.ts';
import { chooseDevice, DEVICES, parseDevice } from '../training/devices.ts';
import { type OutOfScopeRecord, writeOutOfScope } from './out-of-scope-record.ts';
import { trainingBar } from './progress-bar.ts';
import { readRecipe } from './read-recipe.ts';
import { RESULTS } from './results.ts';
import type { Defaults } from './train-command.ts';

const USAGE = `npm run out-of-scope -- [--recipe NAME|FILE.json] [--seed N] [--device ${DEVICES.join('|')}] [--base NAME|PATH] [--banking77 PATH]`;

/** Intents that the model does not learn, and the seed of their draw and of the folds. */
const LEFT_OUT = 15;
const DRAW = 15;
const FOLDS = 5;
/** Share of the messages in scope that stay inside. */
const INSIDE = 0.95;

/**
 * `npm run out-of-scope`: how well scores of the exported model tell a message that is like nothing it learnt. Trains on
 * Banking77's training set without fifteen of its intents, and asks for the messages of those, and for a fold of the
 * others that it did not see either. No test set and no public out-of-scope set is touched. Keeps the figures in
 * `out-of-scope.json` of `results`.
 * @throws `bad_data` where the training set has too few intents
 */
export async function outOfScopeCommand(args: string[], defaults: Defaults, signal: AbortSignal, results = RESULTS): Promise<void> {
  const option = { type: 'string' } as const;
  const options = { recipe: option, seed: option, device: { ...option, default: 'auto' }, base: option, banking77: option };
  const { values } = parseArguments(args, options, USAGE);
  const recipe = await readRecipe(values.recipe, values.seed);
  const device = await chooseDevice(parseDevice(values.device));
  const taxonomy = await readTaxonomy();
  const base = await resolveBase(values.base ?? defaults.base, () => {});
  const { train } = await resolveBanking77(values.banking77 ?? defaults.banking77, taxonomy, () => {});

  const present = taxonomy.intents.filter(({ id }) => train.rows.some((row) => row.intent === id));
  if (present.length <= LEFT_OUT)
    throw new TicketwiseError('bad_data', `${train.name} has ${present.length} intents. To leave ${LEFT_OUT} out there have to be more.`);
  const drawn = drawClasses(
    present.map(({ id, category }) => ({ id, group: category })),
    LEFT_OUT,
    DRAW,
  );
  const leftOut = new Set<string | undefined>(drawn.map(({ id }) => id));
  const labels = labelsOf({ ...taxonomy, intents: taxonomy.intents.filter(({ id }) => !leftOut.has(id)) });
  const known = train.rows.filter(({ intent }) => !leftOut.has(intent));
  const folds = assignFolds(known, FOLDS, DRAW);
  const learnt = known.filter((_, i) => folds[i] !== 0);
  const inScope = known.filter((_, i) => folds[i] === 0);
  const outOfScope = train.rows.filter(({ intent }) => leftOut.has(intent));

  const out = await mkdtemp(path.join(tmpdir(), 'ticketwise-scope-'));
  const bar = trainingBar();
  try {
    await buildModel({
      base,
      labels,
      blend: { train: learnt, heldOut: [] },
      data: [train],
      recipe,
      out,
      servedOnly: true,
      device,
      signal,
      onProgress: bar.update,
    }).finally(() => bar.stop());
    const [means, inside, outside] = await embedAll(out, learnt, inScope, outOfScope);
    const scores = compareScores(inside, outside, classMeans(learnt, means));
    const intents = labels.intents.map(({ id }) => id);
    const right = inside.filter(({ intents: logits }, i) => intents[logits.indexOf(Math.max(...logits))] === inScope[i]?.intent);
    const record: OutOfScopeRecord = {
      command: `npm run out-of-scope -- ${args.join(' ')}`.trim(),
      measuredAt: new Date().toISOString(),
      commit: await currentCommit(),
      machine: `${describeMachine()}, trained on ${device.name}`,
      base: base.name,
      recipe,
      data: { name: train.name, sha256: train.sha256 },
      leftOut: drawn.map(({ id }) => id),
      rows: { train: learnt.length, inScope: inScope.length, outOfScope: outOfScope.length },
      accuracy: right.length / Math.max(1, inScope.length),
      inside: INSIDE,
      scores,
    };
    const file = await writeOutOfScope(record, results);
    process.stdout.write(`${formatScores(record)}\nFigures in ${path.relative('.', file)}\n`);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function embedAll(dir: string, ...parts: readonly (readonly Row[])[]): Promise<[Output[], Output[], Output[]]> {
  const inference = await openInference(dir, { threads: availableParallelism() });
  try {
    const outputs: Output[][] = [];
    for (const rows of parts) outputs.push(await inference.run(rows.map(({ text }) => text)));
    const [first = [], second = [], third = []] = outputs;
    return [first, second, third];
  } finally {
    await inference.dispose();
  }
}

/** Mean embedding of each intent's rows, `[intents][hidden]`. */
function classMeans(rows: readonly Row[], outputs: readonly Output[]): Float32Array[] {
  const intents = [...new Set(rows.map(({ intent }) => intent))];
  return intents.map((intent) => {
    const own = outputs.filter((_, i) => rows[i]?.intent === intent);
    const width = own[0]?.embedding.length ?? 0;
    return Float32Array.from({ length: width }, (_, k) => own.reduce((sum, { embedding }) => sum + (embedding[k] ?? 0), 0) / own.length);
  });
}

function compareScores(inside: readonly Output[], outside: readonly Output[], means: readonly Float32Array[]): OutOfScopeRecord['scores'] {
  const measure = (score: (output: Output) => number): Separation => separation(inside.map(score), outside.map(score), INSIDE);
  return {
    probability: measure(({ intents }) => SCOPE_SCORES.probability(intents)),
    energy: measure(({ intents }) => SCOPE_SCORES.energy(intents)),
    logit: measure(({ intents }) => SCOPE_SCORES.logit(intents)),
    nearestMean: measure(({ embedding }) => nearestMean(embedding, means)),
  };
}

const NAMES: Record<keyof OutOfScopeRecord['scores'], string> = {
  probability: 'largest probability',
  energy: 'energy',
  logit: 'largest logit',
  nearestMean: 'nearest class mean',
};

function formatScores({ scores, rows, leftOut, accuracy, inside }: OutOfScopeRecord): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`.padStart(9);
  const line = (name: string, { auroc, recall }: Separation) => `  ${name.padEnd(22)}${auroc.toFixed(4)}  ${percent(recall)}`;
  return [
    `Left out: ${leftOut.join(', ')}`,
    `${rows.inScope} messages in scope (intent right: ${percent(accuracy).trim()}), ${rows.outOfScope} out of scope`,
    `                         AUROC  told apart where ${100 * inside} % in scope stay`,
    ...Object.entries(NAMES).map(([score, name]) => line(name, scores[score as keyof typeof NAMES])),
  ].join('\n');
}
