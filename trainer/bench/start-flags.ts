import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** The project's folder, in which `npm start` runs. */
export const ROOT = path.join(import.meta.dirname, '..', '..');

const packageSchema = z.object({ scripts: z.object({ start: z.string().regex(/^node .* bot\/main\.ts$/) }) });

/** What `npm start` gives Node before the bot's file, so that what is measured here runs as people start it. */
export async function readStartFlags(): Promise<string[]> {
  const { scripts } = packageSchema.parse(JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')));
  return scripts.start.split(' ').slice(1, -1);
}
