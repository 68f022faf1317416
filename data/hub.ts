import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { downloadFile } from '@huggingface/hub';
import { messageOf, TicketwiseError } from '../errors.ts';

/** Bytes of a file that have come, of how many. */
export type OnDownload = (file: string, received: number, total: number) => void;

export type HubFiles = {
  repo: { type: 'model' | 'dataset'; name: string };
  revision?: string;
  /** a file that ends in "?" may be missing there */
  files: string[];
  /** what gives a path instead, for the error: "--base or BASE_MODEL" */
  instead: string;
  onProgress: OnDownload;
  /** another Hub, for tests and mirrors */
  hubUrl?: string;
};

/**
 * Brings files of a Hugging Face repository into a folder, unless they are there. A file appears under its name only
 * when it is whole.
 * @throws `unreachable` saying what was wanted, from where, and what gives a path instead
 */
export async function fetchFromHub(
  dir: string,
  { repo, revision = 'main', files, instead, onProgress, hubUrl = 'https://huggingface.co' }: HubFiles,
): Promise<void> {
  for (const entry of files) {
    const file = entry.replace(/\?$/, '');
    const target = path.join(dir, file);
    if ((await stat(target).catch(() => undefined)) !== undefined) continue;
    const partial = `${target}.${process.pid}.part`;
    const failed = (what: string, cause?: unknown) =>
      new TicketwiseError(
        'unreachable',
        `${file} of ${repo.name} could not be fetched from ${hubUrl}: ${what}. Without a network, give the path of a folder that holds it with ${instead}.`,
        { cause },
      );
    try {
      const blob = await downloadFile({ repo, path: file, revision, hubUrl });
      if (blob === null) {
        if (entry.endsWith('?')) continue;
        throw failed('it is not there');
      }
      await mkdir(path.dirname(target), { recursive: true });
      let received = 0;
      const counted = Readable.fromWeb(blob.stream() as import('node:stream/web').ReadableStream).on('data', (chunk: Uint8Array) => {
        received += chunk.length;
        onProgress(file, received, blob.size);
      });
      await pipeline(counted, createWriteStream(partial));
      await rename(partial, target);
    } catch (error) {
      await rm(partial, { force: true });
      throw error instanceof TicketwiseError ? error : failed(reasonOf(error), error);
    }
  }
}

/** The network's own words stand in the cause of a failed fetch. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause)})`;
}
