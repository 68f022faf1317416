import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArguments } from '../cli.ts';
import { readSeed } from '../data/seed.ts';
import { readTaxonomy } from '../data/taxonomy.ts';
import { TicketwiseError } from '../errors.ts';
import { openClassifier } from '../models/classifier.ts';
import { readModelFolder } from '../models/folder.ts';
import { classifyRows, evaluate } from './evaluate.ts';
import { downloadBar } from './progress-bar.ts';
import { describeRun, writeRun } from './results.ts';
import { resolveBanking77 } from './sources.ts';
import { formatEvaluation } from './table.ts';
import type { Defaults } from './train-command.ts';

const USAGE = 'npm run evaluate -- --model DIR [--banking77 PATH] [--precision int8|fp32] [--json]';

/** `npm run evaluate`: runs the exported file on the test parts, through the classifier that bots use. */
export async function evaluateCommand(args: string[], defaults: Defaults): Promise<void> {
  const { values } = parseArguments(
    args,
    {
      model: { type: 'string' },
      banking77: { type: 'string' },
      precision: { type: 'string', default: 'int8' },
      json: { type: 'boolean', default: false },
    },
    USAGE,
  );
  const { model, precision } = values;
  if (model === undefined) throw new TicketwiseError('bad_usage', `Which model? Give its folder.\nUsage: ${USAGE}`);
  if (precision !== 'int8' && precision !== 'fp32')
    throw new TicketwiseError('bad_usage', `The precision "${precision}" is not one of int8, fp32.`);
  const folder = await readModelFolder(model, () => false);
  const taxonomy = await readTaxonomy();
  const downloads = downloadBar();
  const banking77 = await resolveBanking77(values.banking77 ?? defaults.banking77, taxonomy, downloads.update);
  downloads.stop();
  const classifier = await openClassifier(model, { precision, threads: availableParallelism() });
  const evaluations = [];
  for (const part of [banking77.test, await readSeed('test', taxonomy)]) {
    evaluations.push(evaluate(part, await classifyRows(classifier, part.rows), classifier.labels));
  }
  await classifier.dispose();
  const record = await describeRun(folder, `npm run evaluate -- ${args.join(' ')}`.trim(), evaluations);
  if (precision === 'fp32') record.run += '-fp32';
  const file = await writeRun(record);
  if (values.json) process.stdout.write(`${JSON.stringify(record)}\n`);
  else {
    for (const evaluation of evaluations) process.stdout.write(`${formatEvaluation(evaluation, classifier.labels)}\n\n`);
    process.stdout.write(`Figures in ${path.relative('.', file)}\n`);
  }
}
