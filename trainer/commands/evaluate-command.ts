import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArguments } from '../../cli.ts';
import { readTaxonomy } from '../../data/taxonomy.ts';
import { TicketwiseError } from '../../errors.ts';
import { labelsOf } from '../../labels.ts';
import type { Classification } from '../../models/classification.ts';
import { openClassifier } from '../../models/classifier.ts';
import { readModelFolder } from '../../models/folder.ts';
import { blend } from '../blend.ts';
import { heldOutParts, readCorpora } from '../corpora.ts';
import { classifyRows, evaluate } from '../evaluation/evaluate.ts';
import { resolveBanking77 } from '../sources.ts';
import { sourceWeightsOf } from '../training/recipe.ts';
import { downloadBar } from './progress-bar.ts';
import { describeRun, findTraining, RESULTS, writeRun } from './results.ts';
import { reportRun } from './run-report.ts';
import { writeSamples } from './samples-page.ts';
import { formatServing, measureServing } from './serving.ts';
import { formatEvaluation } from './table.ts';
import type { Defaults } from './train-command.ts';

const USAGE =
  'npm run evaluate -- --model DIR [--banking77 PATH] [--precision int8|fp32] [--held-out] [--beside OLD_MODEL_DIR] [--json] [--no-report]';

/**
 * `npm run evaluate`: runs the exported file on the test parts, through the classifier that bots use; with `--held-out` on
 * the rows that training kept aside, by which models are chosen.
 */
export async function evaluateCommand(args: string[], defaults: Defaults): Promise<void> {
  const { values } = parseArguments(
    args,
    {
      model: { type: 'string' },
      banking77: { type: 'string' },
      precision: { type: 'string', default: 'int8' },
      'held-out': { type: 'boolean', default: false },
      beside: { type: 'string' },
      json: { type: 'boolean', default: false },
      'no-report': { type: 'boolean', default: false },
    },
    USAGE,
  );
  const { model, precision } = values;
  if (model === undefined) throw new TicketwiseError('bad_usage', `Which model? Give its folder.\nUsage: ${USAGE}`);
  if (precision !== 'int8' && precision !== 'fp32')
    throw new TicketwiseError('bad_usage', `The precision "${precision}" is not one of int8, fp32.`);
  const { beside, 'held-out': heldOut } = values;
  if (heldOut && beside !== undefined)
    throw new TicketwiseError('bad_usage', '--held-out writes no report to show two models in: measure each, then `npm run results`.');
  const folder = await readModelFolder(model, () => false);
  const taxonomy = await readTaxonomy();
  const downloads = downloadBar();
  const banking77 = await resolveBanking77(values.banking77 ?? defaults.banking77, taxonomy, downloads.update);
  downloads.stop();
  const classifier = await openClassifier(model, { precision, threads: availableParallelism() });
  const labels = labelsOf(taxonomy);
  const { parts: tests, corpora } = await readCorpora(banking77, taxonomy);
  const parts = heldOut ? heldOutParts(corpora) : tests;
  const answers: Classification[][] = [];
  for (const part of parts) answers.push(await classifyRows(classifier, part.rows));
  await classifier.dispose();
  const evaluations = parts.map((part, i) => evaluate(part, answers[i] ?? [], labels));
  const command = `npm run evaluate -- ${args.join(' ')}`.trim();
  const described = await describeRun(folder, command, evaluations, await findTraining(folder.version));
  if (precision === 'fp32') described.run += '-fp32';
  const record = heldOut ? described : { ...described, serving: await measureServing(model, precision, parts) };
  const file = await writeRun(record, RESULTS, heldOut ? 'held-out' : 'metrics');
  const samples = heldOut ? undefined : await writeSamples(record, parts, answers, labels);
  if (values.json) return void process.stdout.write(`${JSON.stringify(record)}\n`);
  for (const evaluation of evaluations) process.stdout.write(`${formatEvaluation(evaluation, labels)}\n\n`);
  if (record.serving !== undefined) process.stdout.write(`${formatServing(record.serving)}\n`);
  process.stdout.write(`Figures in ${path.relative('.', file)}\n`);
  if (samples !== undefined) process.stdout.write(`Samples of answers in ${path.relative('.', samples)}\n`);
  if (heldOut || values['no-report']) return;
  const weights = sourceWeightsOf(folder.manifest.recipe);
  const report = await reportRun({ record, model, labels, parts, answers, blend: blend(corpora, []), weights, beside });
  process.stdout.write(`${report}\n`);
}
