import { access } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Db } from '../db/database.ts';
import { liveVersion } from '../db/models.ts';
import { TicketwiseError } from '../errors.ts';
import { tidyCache } from '../models/cache.ts';
import { isServing, readModelFolder } from '../models/folder.ts';
import { fetchModel } from '../models/registry.ts';
import { openThreadedClassifier } from '../models/threaded.ts';
import type { LiveModelOptions, OpenModel } from './live-model.ts';

const STARTER = fileURLToPath(new URL('../models/starter', import.meta.url));
const CACHE = fileURLToPath(new URL('../models/cache', import.meta.url));

/**
 * Where a workspace's model comes from: the folder of MODEL and no other when that is given, else the registry's live
 * model, else the starter model.
 */
export function modelSource(db: Db, teamId: string, model: string | undefined): Pick<LiveModelOptions, 'wanted' | 'open' | 'tidy'> {
  if (model !== undefined) return { wanted: async () => undefined, open: () => openFolder(path.resolve(model)) };
  return {
    wanted: () => liveVersion(db, teamId),
    open: async (version) =>
      version === undefined ? openStarter(STARTER) : openFolder(await fetchModel(db, teamId, version, CACHE, isServing)),
    tidy: () => tidyCache(db, teamId, CACHE),
  };
}

/**
 * Opens the model that comes with the project.
 * @throws `bad_model` saying how to get one when it is not there
 */
export async function openStarter(dir: string): Promise<OpenModel> {
  const there = await access(dir).then(
    () => true,
    () => false,
  );
  if (!there)
    throw new TicketwiseError(
      'bad_model',
      `There is no starter model in ${dir}. Check the checkout out whole, or train one with \`npm run train\` and set MODEL to its folder.`,
    );
  return openFolder(dir);
}

async function openFolder(dir: string): Promise<OpenModel> {
  const { manifest } = await readModelFolder(dir, isServing);
  const classifier = await openThreadedClassifier(dir);
  return { classifier, metrics: manifest.metrics, createdAt: manifest.createdAt };
}
