import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertNoState, loadArrays, putInForce, readState, removeState, type SavedState, stateDir, writeArrays } from './state.ts';

const zeros = '0'.repeat(64);
const progress = (step: number) => ({
  step,
  steps: 9,
  epoch: 1,
  loss: 1 / 3,
  learningRate: 1e-4,
  gradientNorm: 0.1,
  seconds: step,
  tokensPerSecond: 1,
  secondsLeft: 9 - step,
});
const state = (steps: number) => ({
  origin: {
    recipe: { learningRate: 1e-4, seed: 1 },
    base: { name: 'tiny', sha256: zeros },
    labels: zeros,
    data: [{ name: 'twelve', rows: 12, sha256: zeros }],
    examples: { count: 12, sha256: zeros },
  },
  random: 4_294_967_295,
  history: Array.from({ length: steps }, (_, i) => progress(i + 1)),
  earlierRates: [],
});
const arrays = (value = 0) => new Map(['a', 'first:a'].map((name) => [name, { shape: [2, 2], values: new Float32Array(4).fill(value) }]));

let root: string;
let dir: string;
let saved: SavedState;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ticketwise-state-'));
  dir = stateDir(path.join(root, 'model'));
  saved = await writeArrays(dir, arrays(0.1), state(3));
  await putInForce(dir, saved);
});
afterEach(() => rm(root, { recursive: true }));

describe('a state', () => {
  it('is read as it was written', async () => {
    expect(await readState(dir)).toEqual(saved);
    expect(saved).toMatchObject(state(3));
    const into = arrays();
    await loadArrays(dir, saved, into);
    expect(into).toEqual(arrays(0.1));
  });

  it('stays in force until the next one is, whose arrays alone stay', async () => {
    const next = await writeArrays(dir, arrays(0.2), state(5));
    expect(await readState(dir)).toEqual(saved);
    await loadArrays(dir, saved, arrays());
    await putInForce(dir, next);
    expect(await readState(dir)).toEqual(next);
    expect((await readdir(dir)).sort()).toEqual(['state.json', 'step-5.safetensors']);
  });

  it('is forgotten, and nothing else in its folder', async () => {
    await removeState(dir);
    expect(await readdir(root)).toEqual([]);
    await removeState(dir);
    await putInForce(dir, await writeArrays(dir, arrays(), state(1)));
    await writeFile(path.join(dir, 'notes.txt'), '');
    await removeState(dir);
    expect(await readdir(dir)).toEqual(['notes.txt']);
  });

  const edit = async (change: (json: SavedState) => unknown) => {
    const file = path.join(dir, 'state.json');
    const json = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...json, ...(change(json) as object) }));
  };
  const inArrays = (name = 'step-3.safetensors') => path.join(dir, name);
  it.each<[string, () => Promise<unknown>, string]>([
    ['cut short', () => truncate(path.join(dir, 'state.json'), 100), 'state.json'],
    ['of another format', () => edit(() => ({ format: 2 })), 'state.json: ✖ Invalid input: expected 1\n  → at format'],
    ['with a key too many', () => edit(() => ({ colour: 'blue' })), 'colour'],
    ['with steps missing', () => edit(({ history }) => ({ history: history.slice(1) })), 'steps are missing'],
    ['whose arrays lie elsewhere', () => edit((json) => ({ arrays: { ...json.arrays, file: '../step-3.safetensors' } })), 'at arrays.file'],
    ['without its arrays', () => rm(inArrays()), 'step-3.safetensors: ENOENT'],
    ['whose arrays are cut short', () => truncate(inArrays(), 150), 'step-3.safetensors: it has SHA-256'],
    ['whose arrays grew', () => appendFile(inArrays(), 'x'), 'step-3.safetensors: it has SHA-256'],
  ])('that is %s is refused by name', async (_, damage, message) => {
    await damage();
    const reading = readState(dir).then((read) => loadArrays(dir, read, arrays()));
    await expect(reading).rejects.toMatchObject({ code: 'bad_data', message: expect.stringContaining(message) });
    await expect(reading).rejects.toThrow(/^The kept training is damaged: .*model\.training and train anew\.$/s);
  });

  it.each<[string, Map<string, { shape: number[]; values: Float32Array }>, string]>([
    ['other arrays', new Map([...arrays()].slice(1)), 'has 2 arrays where 1 belong'],
    ['other shapes', new Map([...arrays()].map(([name, { values }]) => [name, { shape: [4], values }])), 'no a of shape [4]'],
    ['other names', new Map([...arrays()].map(([name, array]) => [`${name}s`, array])), 'no as of shape [2,2]'],
  ])('is not loaded into a model of %s', async (_, into, message) => {
    await expect(loadArrays(dir, saved, into)).rejects.toMatchObject({ code: 'bad_model', message: expect.stringContaining(message) });
  });
});

describe('a training', () => {
  it('may be kept where nothing is kept', async () => {
    await assertNoState(path.join(root, 'none'), 'go on');
    await rm(path.join(dir, 'state.json')); // arrays alone: a training that died at its start
    await assertNoState(dir, 'go on');
  });

  it('may not be kept where another one is, or something else', async () => {
    await expect(assertNoState(dir, 'go on')).rejects.toMatchObject({
      code: 'bad_usage',
      message: expect.stringMatching(/keeps a training that was stopped\. Go on with\n {2}go on\nor delete that folder/),
    });
    await mkdir(path.join(root, 'thesis'));
    await writeFile(path.join(root, 'thesis', 'thesis.txt'), '');
    await expect(assertNoState(path.join(root, 'thesis'), 'go on')).rejects.toThrow('holds something else');
  });
});
