import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArguments } from '../cli.ts';
import { readTaxonomy } from '../data/taxonomy.ts';
import { TicketwiseError } from '../errors.ts';
import { labelsOf } from '../labels.ts';
import { openClassifier } from '../models/classifier.ts';
import { buildModel, currentCommit } from './build.ts';
import { chooseDevice, DEVICES, parseDevice } from './devices.ts';
import { classifyRows, evaluate } from './evaluate.ts';
import { assignFolds } from './folds.ts';
import { trainingBar } from './progress-bar.ts';
import { RESULTS } from './results.ts';
import { resolveBanking77, resolveBase } from './sources.ts';
import { type Defaults, readRecipe } from './train-command.ts';

const USAGE = `npm run cross-validate -- --name LEVER [--recipe FILE.json] [--folds 0,1,2] [--seed N] [--device ${DEVICES.join('|')}] [--base NAME|PATH] [--banking77 PATH]`;

/** Folds that the training set is divided into, and the seed of the division: the same for every lever, so that they pair. */
const FOLDS = 5;
const DIVISION = 77;

/**
 * `npm run cross-validate`: scores a recipe on folds of Banking77's training set, never its test set, and appends one
 * line for each fold to `results/levers.jsonl`, with the rows that were wrong, for paired comparison.
 */
export async function crossValidateCommand(args: string[], defaults: Defaults, signal: AbortSignal): Promise<void> {
  const { values } = parseArguments(
    args,
    {
      name: { type: 'string' },
      recipe: { type: 'string' },
      folds: { type: 'string', default: '0,1,2,3,4' },
      seed: { type: 'string' },
      device: { type: 'string', default: 'auto' },
      base: { type: 'string' },
      banking77: { type: 'string' },
    },
    USAGE,
  );
  const folds = values.folds.split(',').map(Number);
  if (values.name === undefined || folds.some((fold) => !Number.isInteger(fold) || fold < 0 || fold >= FOLDS))
    throw new TicketwiseError('bad_usage', `Expected a name and folds of 0 to ${FOLDS - 1}.\nUsage: ${USAGE}`);
  const recipe = await readRecipe(values.recipe, values.seed);
  const device = await chooseDevice(parseDevice(values.device));
  const taxonomy = await readTaxonomy();
  const labels = labelsOf(taxonomy);
  const base = await resolveBase(values.base ?? defaults.base, () => {});
  const { train } = await resolveBanking77(values.banking77 ?? defaults.banking77, taxonomy, () => {});
  const assigned = assignFolds(train.rows, FOLDS, DIVISION);
  const scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-fold-'));
  try {
    for (const fold of folds) {
      const blend = { train: train.rows.filter((_, i) => assigned[i] !== fold), heldOut: [] };
      const dev = train.rows.filter((_, i) => assigned[i] === fold);
      const bar = trainingBar();
      const started = performance.now();
      const out = path.join(scratch, `fold-${fold}`);
      await buildModel({ base, labels, blend, data: [train], recipe, out, device, signal, onProgress: bar.update }).finally(() =>
        bar.stop(),
      );
      const seconds = (performance.now() - started) / 1000;
      const classifier = await openClassifier(out, { threads: availableParallelism() });
      const answers = await classifyRows(classifier, dev);
      await classifier.dispose();
      const { intent, category, priority } = evaluate({ name: `fold ${fold}`, rows: dev }, answers, labels);
      const wrong = dev.flatMap((row, i) => (row.intent === answers[i]?.intent.id ? [] : [i]));
      const line = {
        lever: values.name,
        fold,
        rows: dev.length,
        intent: intent?.accuracy,
        category: category?.accuracy,
        priority: priority?.accuracy,
        seconds: Math.round(seconds),
        commit: await currentCommit(),
        recipe,
        wrong,
      };
      await mkdir(RESULTS, { recursive: true });
      await appendFile(path.join(RESULTS, 'levers.jsonl'), `${JSON.stringify(line)}\n`);
      process.stdout.write(
        `${values.name} fold ${fold}: intent ${intent?.accuracy.toFixed(4)}, category ${category?.accuracy.toFixed(4)}, ${Math.round(seconds)} s\n`,
      );
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
