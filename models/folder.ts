import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { messageOf, TicketwiseError } from '../errors.ts';
import { type Manifest, manifestSchema, versionOf } from './manifest.ts';

/** A model on disk whose manifest was checked. */
export type ModelFolder = { dir: string; version: string; manifest: Manifest };

/** The file that bots serve. */
export const SERVED = 'onnx/model_quantized.onnx';
/** The same model before quantisation. */
export const FULL = 'onnx/model.onnx';
/** The weights that Hugging Face tools and the next training read. */
export const WEIGHTS = 'model.safetensors';

/** What a bot needs of a folder. */
export function isServing(file: string): boolean {
  return file === SERVED || file.endsWith('.json');
}

/**
 * Opens a model folder, and checks size and SHA-256 of every file of its manifest that `want` names (all by default).
 * @throws `bad_model` when the manifest is missing or wrong, or a file is missing or not the one that was trained
 */
export async function readModelFolder(dir: string, want: (file: string) => boolean = () => true): Promise<ModelFolder> {
  const manifest = await readManifest(dir);
  for (const file of manifest.files.filter((f) => want(f.path))) {
    const full = path.join(dir, file.path);
    const size = (await stat(full).catch(() => undefined))?.size;
    if (size === undefined) throw damaged(dir, `${file.path} is missing`);
    if (size !== file.bytes) throw damaged(dir, `${file.path} has ${size} bytes, the manifest says ${file.bytes}`);
    const hash = await sha256File(full);
    if (hash !== file.sha256)
      throw damaged(dir, `${file.path} has SHA-256 ${hash.slice(0, 12)}…, the manifest says ${file.sha256.slice(0, 12)}…`);
  }
  return { dir, version: versionOf(manifest), manifest };
}

/** Writes (or replaces) the manifest of a folder, whole or not at all. */
export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  const [file, aside] = [path.join(dir, 'manifest.json'), path.join(dir, 'manifest.json.tmp')];
  try {
    await writeFile(aside, `${JSON.stringify(manifestSchema.parse(manifest), null, 1)}\n`);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Path, hash and size of files of a folder, as its manifest lists them. */
export async function describeFiles(dir: string, files: string[]): Promise<Manifest['files']> {
  return Promise.all(
    files.map(async (file) => {
      const full = path.join(dir, file);
      return { path: file, sha256: await sha256File(full), bytes: (await stat(full)).size };
    }),
  );
}

/** SHA-256 of a file's bytes, in hexadecimal. */
export async function sha256File(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function readManifest(dir: string): Promise<Manifest> {
  const file = path.join(dir, 'manifest.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new TicketwiseError(
      'bad_model',
      `${dir} is no model folder: ${file} cannot be read. Give a folder that \`npm run train\` wrote.`,
      { cause },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged(dir, `manifest.json is not JSON (${messageOf(cause)})`, cause);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw damaged(dir, `manifest.json is not a manifest:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function damaged(dir: string, what: string, cause?: unknown): TicketwiseError {
  return new TicketwiseError('bad_model', `The model in ${dir} is damaged: ${what}. Train or fetch it again.`, { cause });
}
