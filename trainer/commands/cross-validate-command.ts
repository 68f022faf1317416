import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArguments } from '../../cli.ts';
import type { Row } from '../../data/row.ts';
import { readSeed } from '../../data/seed.ts';
import { readTaxonomy } from '../../data/taxonomy.ts';
import { TicketwiseError } from '../../errors.ts';
import { labelsOf } from '../../labels.ts';
import { openClassifier } from '../../models/classifier.ts';
import { buildModel, currentCommit, describeMachine } from '../build.ts';
import { recipeWith, teach } from '../distillation/teachers.ts';
import { classifyRows, evaluate } from '../evaluation/evaluate.ts';
import { assignFolds } from '../evaluation/folds.ts';
import { resolveBanking77, resolveBase } from '../sources.ts';
import { chooseDevice, DEVICES, parseDevice } from '../training/devices.ts';
import { trainingBar } from './progress-bar.ts';
import { readRecipe } from './read-recipe.ts';
import { RESULTS, summariseEvaluation } from './results.ts';
import type { Defaults } from './train-command.ts';

const USAGE = `npm run cross-validate -- --name LEVER [--against LEVER] [--recipe NAME|FILE.json] [--folds 0,1,2] [--seed N] [--keep DIR] [--teacher DIR ...] [--device ${DEVICES.join('|')}] [--base NAME|PATH] [--banking77 PATH]`;

/** Folds that the training set is divided into, and the seed of the division: the same for every lever, so that they pair. */
const FOLDS = 5;
const DIVISION = 77;

/**
 * `npm run cross-validate`: scores a recipe on folds of the training sets, never on a test set, and appends one line for
 * each fold to `results/levers.jsonl`, with the rows of Banking77 that were wrong, for the paired
 * comparison with the lever that `--against` names. `--keep` leaves the model of each fold in a folder, for another run to
 * name that folder as a `--teacher`: so a student's teachers have not seen its fold either. A fold of the seed corpus is whole industries, since a team's industry is one that the model never saw.
 */
export async function crossValidateCommand(args: string[], defaults: Defaults, signal: AbortSignal): Promise<void> {
  const { values } = parseArguments(
    args,
    {
      name: { type: 'string' },
      against: { type: 'string' },
      recipe: { type: 'string' },
      folds: { type: 'string', default: '0,1,2,3,4' },
      seed: { type: 'string' },
      keep: { type: 'string' },
      teacher: { type: 'string', multiple: true },
      device: { type: 'string', default: 'auto' },
      base: { type: 'string' },
      banking77: { type: 'string' },
    },
    USAGE,
  );
  const folds = values.folds.split(',').map(Number);
  if (values.name === undefined || folds.some((fold) => !Number.isInteger(fold) || fold < 0 || fold >= FOLDS))
    throw new TicketwiseError('bad_usage', `Expected a name and folds of 0 to ${FOLDS - 1}.\nUsage: ${USAGE}`);
  const recipe = recipeWith(values.teacher, await readRecipe(values.recipe, values.seed));
  const device = await chooseDevice(parseDevice(values.device));
  const taxonomy = await readTaxonomy();
  const labels = labelsOf(taxonomy);
  const base = await resolveBase(values.base ?? defaults.base, () => {});
  const { train } = await resolveBanking77(values.banking77 ?? defaults.banking77, taxonomy, () => {});
  const seed = recipe.sourceWeights.seed > 0 ? (await readSeed('train', taxonomy)).rows : [];
  const assigned = assignFolds(train.rows, FOLDS, DIVISION);
  const industries = [...new Set(seed.map((row) => row.industry))].sort();
  const foldOfSeed = (row: Row) => industries.indexOf(row.industry) % FOLDS;
  const scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-fold-'));
  const folder = (dir: string, fold: number) => path.join(dir, `fold-${fold}`);
  const threads = availableParallelism();
  try {
    for (const fold of folds) {
      const side = (inside: boolean) => ({
        banking77: train.rows.filter((_, i) => (assigned[i] === fold) === inside),
        seed: seed.filter((row) => (foldOfSeed(row) === fold) === inside),
      });
      const [learnt, dev] = [side(false), side(true)];
      const bar = trainingBar();
      const started = performance.now();
      const out = folder(values.keep ?? scratch, fold);
      const rows = [...learnt.banking77, ...learnt.seed];
      const dirs = values.teacher?.map((dir) => folder(dir, fold));
      const lessons = dirs && (await teach(rows, dirs, { labels, recipe, threads, signal }));
      const blend = { train: lessons?.rows ?? rows, heldOut: [] };
      await buildModel({ base, labels, blend, data: [train], recipe, lessons, out, device, signal, onProgress: bar.update }).finally(() =>
        bar.stop(),
      );
      const seconds = Math.round((performance.now() - started) / 1000);
      const classifier = await openClassifier(out, { threads });
      const answers = await classifyRows(classifier, dev.banking77);
      const wrong = answers.flatMap((answer, i) => (answer.intent.id === dev.banking77[i]?.intent ? [] : [i]));
      const figures = {
        banking77: summariseEvaluation(evaluate({ name: `fold ${fold}`, rows: dev.banking77 }, answers, labels)),
        ...(seed.length === 0
          ? {}
          : {
              seed: summariseEvaluation(
                evaluate({ name: `fold ${fold}`, rows: dev.seed }, await classifyRows(classifier, dev.seed), labels),
              ),
            }),
      };
      await classifier.dispose();
      const line = {
        lever: values.name,
        ...(values.against === undefined ? {} : { against: values.against }),
        ...(lessons && { teachers: lessons.teachers }),
        fold,
        figures,
        seconds,
        machine: describeMachine(),
        commit: await currentCommit(),
        recipe,
        wrong,
      };
      await mkdir(RESULTS, { recursive: true });
      await appendFile(path.join(RESULTS, 'levers.jsonl'), `${JSON.stringify(line)}\n`);
      process.stdout.write(`${values.name} fold ${fold}, ${seconds} s: ${JSON.stringify(figures)}\n`);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
