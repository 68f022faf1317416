import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { TicketwiseError } from '../errors.ts';

/**
 * Makes sure that a folder may be replaced by a model: it is not there, is empty, or is a model.
 * @throws `bad_usage`
 */
export async function assertReplaceable(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : [error.code ?? '']));
  if (entries.length === 0 || entries.includes('manifest.json')) return;
  throw new TicketwiseError('bad_usage', `${dir} is there and is no model, so it is not replaced. Name another folder with --out.`);
}

/** Puts a folder that is whole where another stands, or none. The other is moved, not emptied: at every moment one of them is whole. */
export async function replaceFolder(fresh: string, to: string): Promise<void> {
  const old = `${path.resolve(to)}.${process.pid}.old`;
  const stood = await rename(to, old).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(fresh, to);
  } catch (error) {
    if (stood) await rename(old, to);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}
