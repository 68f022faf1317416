import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSet, Row } from '../data/row.ts';
import { type ModelFolder, readModelFolder, writeManifest } from '../models/folder.ts';
import { shipModel } from '../models/ship.ts';
import type { BuildOptions } from './build.ts';
import { buildTinyModel, writeTinyCheckpoint } from './testing.ts';
import { parseRecipe } from './training/recipe.ts';
import { readState, stateDir } from './training/state.ts';

/** A disk of its own, of a tiny model's size and a half, or why there is none. */
const scratch = mkdtempSync(path.join(tmpdir(), 'ticketwise-full-'));
const disk = path.join(scratch, 'disk');
const missing = mountDisk();
const suffix = missing === '' ? '' : ` (skipped: ${missing})`;

function mountDisk(): string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root can mount a small disk';
  try {
    execFileSync('mkdir', [disk]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=700k', 'tmpfs', disk], { stdio: 'pipe' });
    return '';
  } catch (error) {
    return `no disk could be mounted: ${error instanceof Error ? error.message.split('\n')[0] : ''}`;
  }
}

const rows = ['invoice', 'parcel'].map(
  (word, i): Row => ({ text: `my ${word}`, category: i === 0 ? 'billing' : 'order', priority: 'low', source: 'seed' }),
);
const corpus: DataSet = { name: 'two', rows, sha256: '1'.repeat(64) };
const recipe = parseRecipe({ epochs: 2, batchSize: 2, batchTokens: 64, maxTokens: 16, dropout: 0 }, 'the test');
const base = path.join(scratch, 'base');

const build = (change: Partial<BuildOptions> = {}): Promise<ModelFolder> =>
  buildTinyModel(base, rows, { data: [corpus], recipe, out: path.join(disk, 'model'), ...change });

/** Fills the disk but for some bytes. */
async function leave(bytes: number): Promise<void> {
  await rm(path.join(disk, 'ballast'), { force: true });
  const { bavail, bsize } = await statfs(disk);
  await writeFile(path.join(disk, 'ballast'), Buffer.alloc(bavail * bsize - bytes));
}

beforeAll(() =>
  writeTinyCheckpoint(
    base,
    rows.map(({ text }) => text),
  ),
);
afterAll(async () => {
  if (missing === '') execFileSync('umount', [disk]);
  await rm(scratch, { recursive: true });
});

describe.skipIf(missing !== '')(`a full disk${suffix}`, () => {
  let old: ModelFolder;
  let whole: number;
  beforeAll(async () => {
    old = await build();
    whole = old.manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  });

  /** Everything on the disk is as it was. */
  async function expectUntouched(): Promise<void> {
    expect((await readdir(disk)).filter((file) => file !== 'ballast')).toEqual(['model']);
    expect(await readModelFolder(old.dir)).toEqual(old);
  }
  const told = (what: string, bytes: number) =>
    `The disk is full: ${what} needs ${bytes.toLocaleString('en')} bytes, and ${path.relative('.', disk)} has no room for them. Free some space, or name a folder on another disk.`;

  it.each([0, 20_000, 150_000])('with %d bytes left keeps the old model whole, and names what the new one needs', async (left) => {
    await leave(left);
    await expect(build({ recipe: { ...recipe, seed: 2 } })).rejects.toMatchObject({ code: 'disk_full', message: told('the model', whole) });
    await expectUntouched();
  });

  it('keeps an old manifest whole', async () => {
    await leave(0);
    const manifest = { ...old.manifest, metrics: { figures: 'x'.repeat(50_000) } };
    await expect(writeManifest(old.dir, manifest)).rejects.toMatchObject({ code: 'ENOSPC' });
    await expectUntouched();
    expect(await readdir(old.dir)).not.toContain('manifest.json.tmp');
  });

  it('keeps the old model whole where another is shipped', async () => {
    const other = await build({ out: path.join(scratch, 'other'), servedOnly: true });
    const bytes = other.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    await leave(10_000);
    await expect(shipModel(other.dir, old.dir)).rejects.toMatchObject({ code: 'disk_full', message: told('the model', bytes) });
    await expectUntouched();
  });

  it('cannot keep a training, which goes on and fails only where it is to be written', async () => {
    await leave(20_000);
    const troubles: unknown[] = [];
    const keep = { command: 'go on', onTrouble: (error: unknown) => troubles.push(error) };
    await expect(build({ keep })).rejects.toMatchObject({ code: 'disk_full', message: told('the model', whole) });
    expect(troubles).toEqual([
      expect.objectContaining({ code: 'disk_full', message: expect.stringContaining('the state of the training needs') }),
    ]);
    expect((await readdir(disk)).sort()).toEqual(['ballast', 'model', 'model.training']);
    expect(await readdir(path.join(disk, 'model.training'))).toEqual([]);
    await rm(path.join(disk, 'model.training'), { recursive: true });
    await expectUntouched();
  });

  it('writes the model of a training that was kept, without training again, once there is room', async () => {
    const short = { recipe: { ...recipe, epochs: 1 } };
    const { version } = await build({ ...short, out: path.join(scratch, 'elsewhere') });
    const out = path.join(disk, 'new', 'model');
    await leave(300_000); // for the state, not for a model beside it
    const keep = { command: 'go on', onTrouble: (error: unknown) => expect.fail(String(error)) };
    await expect(build({ ...short, out, keep })).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(/no room for them.*\nThe training itself is done, and kept\. Write its model with\n {2}go on$/),
    });
    expect(await readdir(path.dirname(out))).toEqual(['model.training']);
    await rm(path.join(disk, 'ballast'));
    await rm(old.dir, { recursive: true });
    const from = await readState(stateDir(out));
    expect([from.history.length, (await build({ ...short, out, keep: { ...keep, from } })).version]).toEqual([1, version]);
    expect(await readdir(path.dirname(out))).toEqual(['model']);
  });
});
