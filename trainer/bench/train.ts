import { availableParallelism } from 'node:os';
import { readTaxonomy } from '../../data/taxonomy.ts';
import { downloadBar } from '../commands/progress-bar.ts';
import { resolveBanking77, resolveBase } from '../sources.ts';
import type { Recipe } from '../training/recipe.ts';
import { openPeer } from './peer.ts';
import { raceRuns, tableOfRuns } from './run-race.ts';
import { profileSteps, tableOfProfiles } from './step-profile.ts';
import { raceSteps, tableOfSteps } from './step-race.ts';
import type { Finding } from './table.ts';

export type TrainOptions = {
  base: string | undefined;
  banking77: string | undefined;
  recipe: Recipe;
  /** turns of everyone at the single step */
  rounds: number;
  /** steps of everyone on Banking77; 0 leaves that out */
  steps: number;
  /** runs of everyone on Banking77 */
  repeats: number;
  python: string | undefined;
  signal: AbortSignal;
};

/** Measures training against PyTorch where there is one: a single step and where its time goes, then Banking77 as it goes. */
export async function benchTrain({ base, banking77, recipe, rounds, steps, repeats, python, signal }: TrainOptions): Promise<Finding> {
  const threads = availableParallelism();
  const downloads = downloadBar();
  const taxonomy = await readTaxonomy();
  const resolved = steps === 0 ? undefined : await resolveBase(base, downloads.update);
  const data = steps === 0 ? undefined : await resolveBanking77(banking77, taxonomy, downloads.update);
  downloads.stop();
  const peer = await openPeer(python, threads, signal);
  const there = 'missing' in peer ? undefined : peer;
  const withoutBf16 = 'PyTorch has no bf16 kernels for this processor, and would need seconds for a step: bf16 is left out.';
  const note =
    'missing' in peer ? `PyTorch was not measured: ${peer.missing}` : [peer.versions, ...(peer.bf16 ? [] : [withoutBf16])].join('. ');
  try {
    const times = await raceSteps(there, { threads, rounds, signal });
    const stepTable = tableOfSteps(times, threads);
    const told = { ...stepTable, notes: [...(stepTable.notes ?? []), note] };
    const profiles = await profileSteps(threads, signal);
    const [tables, figures] = [[told, tableOfProfiles(profiles, threads)], { peer: note, steps: times, profiles }];
    if (resolved === undefined || data === undefined) return { tables, figures };
    const options = { base: resolved, rows: data.train.rows, taxonomy, recipe, steps, repeats, threads, signal };
    const speeds = await raceRuns(there, options);
    return { tables: [...tables, tableOfRuns(speeds, options)], figures: { ...figures, runs: { steps, recipe, speeds } } };
  } finally {
    await there?.close();
  }
}
