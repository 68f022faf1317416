import { parseArguments } from '../../cli.ts';
import { readTaxonomy } from '../../data/taxonomy.ts';
import { TicketwiseError } from '../../errors.ts';
import { labelsOf } from '../../labels.ts';
import { readModelFolder } from '../../models/folder.ts';
import { averageModels } from '../average.ts';
import { blend } from '../blend.ts';
import { counted, readCorpora } from '../corpora.ts';
import { resolveBanking77 } from '../sources.ts';
import { sourceWeightsOf } from '../training/recipe.ts';
import { measureModel } from './measure.ts';
import { downloadBar } from './progress-bar.ts';
import type { Defaults } from './train-command.ts';

const USAGE = 'npm run average -- MODEL_DIR MODEL_DIR ... --out DIR [--banking77 PATH] [--beside OLD_MODEL_DIR] [--no-report]';

/** `npm run average`: averages the weights of models, measures the result on the test parts and keeps the figures. */
export async function averageCommand(args: string[], defaults: Pick<Defaults, 'banking77'>): Promise<void> {
  const { values, positionals } = parseArguments(
    args,
    {
      out: { type: 'string' },
      banking77: { type: 'string' },
      beside: { type: 'string' },
      'no-report': { type: 'boolean', default: false },
    },
    USAGE,
  );
  const { out, beside } = values;
  if (out === undefined || positionals.length < 2)
    throw new TicketwiseError('bad_usage', `Give the folders of two models or more, and where to write.\nUsage: ${USAGE}`);
  const downloads = downloadBar();
  const taxonomy = await readTaxonomy();
  const banking77 = await resolveBanking77(values.banking77 ?? defaults.banking77, taxonomy, downloads.update);
  downloads.stop();
  const labels = labelsOf(taxonomy);
  const { parts, corpora: known } = await readCorpora(banking77, taxonomy);
  // what none of the models learnt, their average is not calibrated on
  const folders = await Promise.all(positionals.map((dir) => readModelFolder(dir, () => false)));
  const weights = sourceWeightsOf(...folders.map(({ manifest }) => manifest.recipe));
  const corpora = counted(known, weights);
  const mixed = blend(corpora, []);
  const folder = await averageModels(positionals, { labels, heldOut: mixed.heldOut, data: corpora, out });
  const command = `npm run average -- ${args.join(' ')}`;
  await measureModel(folder, { command, labels, parts, blend: mixed, weights, training: undefined, beside, report: !values['no-report'] });
}
