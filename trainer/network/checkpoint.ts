import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, TicketwiseError } from '../../errors.ts';
import { type Labels, sameClasses } from '../../labels.ts';
import { readModelFolder, SERVED, sha256File, WEIGHTS } from '../../models/folder.ts';
import { type BertConfig, parseBertConfig, type Shape } from './bert-config.ts';
import { readQuantized } from './dequantize.ts';
import { type NamedArray, readSafetensors } from './safetensors.ts';

/** What training starts from: a Hugging Face checkpoint, or a model that was trained here before. */
export type Checkpoint = {
  dir: string;
  config: BertConfig;
  /** `config.json` as it was read: what is not ours to know is kept */
  rawConfig: Record<string, unknown>;
  weights: Map<string, NamedArray>;
};

/** Files of the tokenizer, which go with a model. */
export const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'vocab.txt'];

/**
 * Reads a checkpoint: `config.json`, and `model.safetensors` or, in a folder that ships int8 alone, the served file.
 * @param labels what is to be learnt: of a model that was trained for others, the heads are left out. Default: its own
 * @throws `bad_model` naming the file, what was expected and what to do
 */
export async function readCheckpoint(dir: string, shape: Shape, labels?: Labels): Promise<Checkpoint> {
  const file = path.join(dir, 'config.json');
  const rawConfig = await readJson(file);
  const config = parseBertConfig(rawConfig, shape, file);
  await readJson(path.join(dir, 'tokenizer.json'));
  const weights = await readWeights(dir);
  if (labels === undefined || !(await isForOthers(dir, labels))) return { dir, config, rawConfig, weights };
  return { dir, config, rawConfig, weights: new Map([...weights].filter(([name]) => !name.includes('_head.'))) };
}

async function readWeights(dir: string): Promise<Map<string, NamedArray>> {
  if (await exists(path.join(dir, WEIGHTS))) return readSafetensors(path.join(dir, WEIGHTS));
  if (await exists(path.join(dir, SERVED))) return readQuantized(path.join(dir, SERVED));
  throw new TicketwiseError(
    'bad_model',
    `${dir} has no weights: expected ${WEIGHTS} (or ${SERVED} of a model trained here). Fetch the checkpoint again.`,
  );
}

/** Whether a folder is a model of other intents or priorities, or of the same in another order. */
async function isForOthers(dir: string, labels: Labels): Promise<boolean> {
  if (!(await exists(path.join(dir, 'manifest.json')))) return false;
  const { manifest } = await readModelFolder(dir, () => false);
  return !sameClasses(manifest.labels.intents, labels.intents) || !sameClasses(manifest.labels.priorities, labels.priorities);
}

/** SHA-256 of all files of a checkpoint that training depends on. */
export async function hashCheckpoint(dir: string): Promise<string> {
  const weights = (await exists(path.join(dir, WEIGHTS))) ? WEIGHTS : SERVED;
  const hash = createHash('sha256');
  for (const file of ['config.json', ...TOKENIZER_FILES, weights])
    if (await exists(path.join(dir, file))) hash.update(`${file} ${await sha256File(path.join(dir, file))}\n`);
  return hash.digest('hex');
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new TicketwiseError(
      'bad_model',
      `${file} cannot be read as JSON (${messageOf(cause)}). A base model is a folder with config.json, tokenizer.json and model.safetensors.`,
      { cause },
    );
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
