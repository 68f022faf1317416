import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Banking77, readBanking77 } from '../data/banking77.ts';
import { fetchBanking77 } from '../data/banking77-hub.ts';
import { fetchFromHub, type OnDownload } from '../data/hub.ts';
import { TicketwiseError } from '../errors.ts';
import type { Taxonomy } from '../labels.ts';
import { readModelFolder } from '../models/folder.ts';
import { TOKENIZER_FILES } from './network/checkpoint.ts';

/** The checkpoint that is fine-tuned unless another is named. */
export const DEFAULT_BASE = 'sentence-transformers/all-MiniLM-L6-v2';

const ROOT = path.join(import.meta.dirname, '..');
/** The model that the project ships. */
export const STARTER = path.join(ROOT, 'models', 'starter');
const PRETRAINED = path.join(ROOT, 'models', 'pretrained');
const RAW = path.join(ROOT, 'data', 'raw', 'banking77');

/** A folder, and what to call what is in it. */
export type Base = { name: string; dir: string };

/**
 * Finds the base checkpoint: a folder, or the name of a Hub repository, which is fetched unless it was before.
 * @throws `unreachable`, `bad_usage`, `bad_model`
 */
export async function resolveBase(given: string | undefined, onProgress: OnDownload): Promise<Base> {
  if (given !== undefined && (await isFolder(given))) return baseAt(path.resolve(given));
  const name = given ?? DEFAULT_BASE;
  if (!/^[\w.-]+\/[\w.-]+$/.test(name))
    throw new TicketwiseError(
      'bad_usage',
      `The base "${name}" is neither a folder nor the name of a Hugging Face repository such as ${DEFAULT_BASE}.`,
    );
  const dir = path.join(PRETRAINED, name.replace('/', '--'));
  await fetchFromHub(dir, {
    repo: { type: 'model', name },
    files: ['config.json', ...TOKENIZER_FILES.map((file) => (file === 'tokenizer.json' ? file : `${file}?`)), 'model.safetensors'],
    instead: '--base or BASE_MODEL',
    onProgress,
  });
  return { name, dir };
}

/**
 * A base that lies in a folder: a model of this project goes by its version, any other checkpoint by its folder.
 * @throws `bad_model` when its manifest is damaged
 */
export async function baseAt(dir: string): Promise<Base> {
  const ours = await isFile(path.join(dir, 'manifest.json'));
  return { name: ours ? (await readModelFolder(dir, () => false)).version : path.basename(dir), dir };
}

/**
 * Finds Banking77: in the folder given, else in `data/raw`, else on the Hub.
 * @throws `unreachable`, `bad_data`
 */
export async function resolveBanking77(given: string | undefined, taxonomy: Taxonomy, onProgress: OnDownload): Promise<Banking77> {
  if (given !== undefined) return readBanking77(given, taxonomy);
  if (!(await isFile(path.join(RAW, 'test.csv')))) await fetchBanking77(RAW, taxonomy, onProgress);
  return readBanking77(RAW, taxonomy);
}

async function isFolder(dir: string): Promise<boolean> {
  return (await stat(dir).catch(() => undefined))?.isDirectory() ?? false;
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}
