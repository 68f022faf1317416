import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVED, WEIGHTS } from '../../models/folder.ts';
import { MEAN_LINEAR, writeTinyCheckpoint } from '../testing.ts';
import { seededRandom } from '../training/random.ts';
import { WORDS } from './bert-config.ts';
import { readCheckpoint } from './checkpoint.ts';
import { exportModel } from './export.ts';
import { allocateParameters, drawParameters, loadParameters, toCheckpoint } from './parameters.ts';

const HEADS = { intents: 3, priorities: 2 };

let scratch: string;
let base: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-checkpoint-'));
  base = path.join(scratch, 'base');
  await writeTinyCheckpoint(base, ['a b c'], HEADS);
});
afterAll(() => rm(scratch, { recursive: true }));

const copyOf = async (name: string, from = base) => {
  const dir = path.join(scratch, name);
  await cp(from, dir, { recursive: true });
  return dir;
};

describe('readCheckpoint', () => {
  it('reads a checkpoint of the Hub, and keeps what config.json says beside', async () => {
    const dir = await copyOf('hub');
    const json = { ...(await readCheckpoint(base, MEAN_LINEAR)).rawConfig, gradient_checkpointing: false };
    await writeFile(path.join(dir, 'config.json'), JSON.stringify(json));
    const { config, rawConfig, weights } = await readCheckpoint(dir, MEAN_LINEAR);
    expect(rawConfig).toEqual(json);
    expect(config).toMatchObject({ hidden_size: 32, num_hidden_layers: 2, ...MEAN_LINEAR });
    expect(weights.get(WORDS)?.shape).toEqual([config.vocab_size, 32]);
  });

  it.each<[string, (dir: string) => Promise<unknown>, string]>([
    ['no config', (dir) => rm(path.join(dir, 'config.json')), 'config.json cannot be read as JSON'],
    ['half a config', (dir) => truncate(path.join(dir, 'config.json'), 9), 'config.json cannot be read as JSON'],
    ['no tokenizer', (dir) => rm(path.join(dir, 'tokenizer.json')), 'tokenizer.json cannot be read as JSON'],
    ['another network', (dir) => writeFile(path.join(dir, 'config.json'), '{"model_type":"t5"}'), 'not a BERT checkpoint'],
    ['a config that is null', (dir) => writeFile(path.join(dir, 'config.json'), 'null'), 'not a BERT checkpoint'],
    ['no weights', (dir) => rm(path.join(dir, WEIGHTS)), `has no weights: expected ${WEIGHTS}`],
    ['half the weights', (dir) => truncate(path.join(dir, WEIGHTS), 1000), WEIGHTS],
  ])('refuses a folder with %s', async (what, damage, message) => {
    const dir = await copyOf(what.replaceAll(' ', '-'));
    await damage(dir);
    await expect(readCheckpoint(dir, MEAN_LINEAR)).rejects.toMatchObject({ code: 'bad_model', message: expect.stringContaining(message) });
  });
});

describe('a folder that ships int8 alone', () => {
  it.each(['mean', 'cls'] as const)('is a checkpoint with every parameter of it, pooled by %s', async (pooling) => {
    const shape = { ...MEAN_LINEAR, pooling };
    const { config, rawConfig, dir } = await readCheckpoint(base, shape);
    const parameters = allocateParameters(config, HEADS, 8);
    drawParameters(parameters, seededRandom(3));
    const shipped = path.join(scratch, `int8-${pooling}`);
    await exportModel(shipped, { dir, config, rawConfig }, HEADS, toCheckpoint(parameters));
    await rm(path.join(shipped, WEIGHTS));
    const { weights } = await readCheckpoint(shipped, shape);
    const loaded = allocateParameters(config, HEADS, 8);
    expect(loadParameters(loaded, weights, seededRandom(4), shipped)).toEqual([]); // nothing had to be drawn anew
    const read = toCheckpoint(loaded);
    for (const [name, { values }] of toCheckpoint(parameters)) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = values.reduce((gap, value, i) => Math.max(gap, Math.abs(value - (read.get(name)?.values[i] ?? Number.NaN))), 0);
      expect(worst, name).toBeLessThanOrEqual(largest / 126 + 1e-6);
    }
  });

  it.each<[string, (file: string) => Promise<unknown>, string]>([
    ['is cut short', (file) => truncate(file, 5000), 'is no whole ONNX file'],
    ['is empty', (file) => truncate(file, 0), 'holds no weights under Hugging Face names'],
  ])('is refused when its file %s', async (what, damage, message) => {
    const dir = await copyOf(`damaged-${what.replaceAll(' ', '-')}`, path.join(scratch, 'int8-mean'));
    await damage(path.join(dir, SERVED));
    await expect(readCheckpoint(dir, MEAN_LINEAR)).rejects.toMatchObject({ code: 'bad_model', message: expect.stringContaining(message) });
  });
});
