import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readModelFolder } from '../models/folder.ts';
import { resolveBase, STARTER } from './sources.ts';

test('a base in a folder goes by the folder, a model of ours by its version', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'ticketwise-base-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  expect(await resolveBase(dir, () => {})).toEqual({ name: path.basename(dir), dir });
  const { version } = await readModelFolder(STARTER);
  expect(await resolveBase(STARTER, () => {})).toEqual({ name: version, dir: STARTER });
  await writeFile(path.join(dir, 'manifest.json'), '{');
  await expect(resolveBase(dir, () => {})).rejects.toMatchObject({ code: 'bad_model' });
});

test('a base that is neither a folder nor a name is refused', async () => {
  await expect(resolveBase('no/such/place', () => {})).rejects.toMatchObject({ code: 'bad_usage' });
});
