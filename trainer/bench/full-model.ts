import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeFiles, FULL, readModelFolder, WEIGHTS, writeManifest } from '../../models/folder.ts';
import { shapeOf } from '../network/bert-config.ts';
import { readCheckpoint } from '../network/checkpoint.ts';
import { exportModel } from '../network/export.ts';

/** A folder with every file of a model, and what takes it away again. */
export type FullModel = { dir: string; remove: () => Promise<void> };

/**
 * A model as float32 graph and weights too. One that ships as int8 alone is exported again from its own weights, into a
 * temporary folder.
 * @throws `bad_model` when the folder is damaged
 */
export async function openFullModel(dir: string): Promise<FullModel> {
  const whole = await Promise.all([FULL, WEIGHTS].map((file) => access(path.join(dir, file)))).then(
    () => true,
    () => false,
  );
  if (whole) return { dir, remove: async () => {} };
  const { manifest } = await readModelFolder(dir);
  const checkpoint = await readCheckpoint(dir, shapeOf(manifest.recipe, dir));
  const { intents, priorities } = manifest.labels;
  const out = await mkdtemp(path.join(tmpdir(), 'ticketwise-model-'));
  const remove = () => rm(out, { recursive: true, force: true });
  try {
    const files = await exportModel(out, checkpoint, { intents: intents.length, priorities: priorities.length }, checkpoint.weights);
    await writeManifest(out, { ...manifest, files: await describeFiles(out, files) });
    return { dir: out, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
