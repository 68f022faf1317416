import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { TicketwiseError } from '../errors.ts';
import { isServing, type ModelFolder, readModelFolder, writeManifest } from './folder.ts';

/**
 * Copies what bots serve of a model, the int8 graph, tokenizer and manifest, into a folder of its own, made aside and
 * renamed. What stood there, if it was a model, is replaced.
 * @throws `bad_model` when the source is damaged, `bad_usage` when the target holds something else
 */
export async function shipModel(from: string, to: string): Promise<ModelFolder> {
  const { manifest } = await readModelFolder(from, isServing);
  await assertReplaceable(to);
  const aside = `${path.resolve(to)}.${process.pid}.tmp`;
  try {
    const files = manifest.files.filter(({ path: file }) => isServing(file));
    for (const { path: file } of files) {
      await mkdir(path.dirname(path.join(aside, file)), { recursive: true });
      await copyFile(path.join(from, file), path.join(aside, file));
    }
    await writeManifest(aside, { ...manifest, files });
    await rm(to, { recursive: true, force: true });
    await rename(aside, to);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return readModelFolder(to);
}

/**
 * Makes sure that a folder may be replaced by a model: it is not there, is empty, or is a model.
 * @throws `bad_usage`
 */
export async function assertReplaceable(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : [error.code ?? '']));
  if (entries.length === 0 || entries.includes('manifest.json')) return;
  throw new TicketwiseError('bad_usage', `${dir} is there and is no model, so it is not replaced. Name another folder with --out.`);
}
