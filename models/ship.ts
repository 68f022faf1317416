import { copyFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { orDiskFull } from './disk.ts';
import { isServing, type ModelFolder, readModelFolder, writeManifest } from './folder.ts';
import { assertReplaceable, replaceFolder } from './replace.ts';

/**
 * Copies what bots serve of a model, the int8 graph, tokenizer and manifest, into a folder of its own, made aside and
 * renamed. What stood there, if it was a model, is replaced.
 * @throws `bad_model` when the source is damaged, `bad_usage` when the target holds something else, `disk_full`
 */
export async function shipModel(from: string, to: string): Promise<ModelFolder> {
  const { manifest } = await readModelFolder(from, isServing);
  await assertReplaceable(to);
  const aside = `${path.resolve(to)}.${process.pid}.tmp`;
  try {
    const files = manifest.files.filter(({ path: file }) => isServing(file));
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    await orDiskFull('the model', path.dirname(aside), bytes, async () => {
      for (const { path: file } of files) {
        await mkdir(path.dirname(path.join(aside, file)), { recursive: true });
        await copyFile(path.join(from, file), path.join(aside, file));
      }
      await writeManifest(aside, { ...manifest, files });
    });
    await replaceFolder(aside, to);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return readModelFolder(to);
}
