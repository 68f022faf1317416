import { mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, TicketwiseError } from '../../errors.ts';
import { orDiskFull } from '../../models/disk.ts';
import { sha256File } from '../../models/folder.ts';
import { fillFromSafetensors, type NamedArray, safetensorsSize, writeSafetensors } from '../network/safetensors.ts';
import { originSchema } from './origin.ts';
import { progressSchema } from './progress.ts';

const ARRAYS = /^step-\d+\.safetensors$/;
/** What a state's folder holds; arrays alone are what a training left that died before its first state. */
const OURS = /^(state\.json(\.tmp)?|step-\d+\.safetensors)$/;

const schema = z.strictObject({
  format: z.literal(1),
  origin: originSchema,
  /** state of the random generator after the last step */
  random: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  /** every step so far, first to last */
  history: z
    .array(progressSchema)
    .min(1)
    .refine((history) => history.every(({ step }, i) => step === i + 1), 'steps are missing'),
  /** learning rates of the recipe that this training went on from at a lower one, and until which step each held */
  earlierRates: z.array(z.strictObject({ until: z.number().int(), learningRate: z.number() })),
  arrays: z.strictObject({ file: z.string().regex(ARRAYS), sha256: z.string() }),
});

/** A training that stopped after a step, all but its arrays: `state.json` of its folder. Beside it lie parameters and moments. */
export type SavedState = z.infer<typeof schema>;

/** Folder of the state of the training that is to write a model. */
export function stateDir(out: string): string {
  return `${path.resolve(out)}.training`;
}

/**
 * Reads a state.
 * @throws `not_found` where there is none, `bad_data` when it is damaged
 */
export async function readState(dir: string): Promise<SavedState> {
  const file = path.join(dir, 'state.json');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw damaged(file, messageOf(cause), cause);
    throw new TicketwiseError(
      'not_found',
      `No training is kept in ${path.relative('.', dir)} (${messageOf(cause)}). --resume takes the folder of the model that a stopped training was to write.`,
      { cause },
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw damaged(file, z.prettifyError(parsed.error));
  return parsed.data;
}

/**
 * Fills arrays with those of a state.
 * @throws `bad_data` when their file is missing, damaged, or holds others
 */
export async function loadArrays(dir: string, { arrays }: SavedState, into: ReadonlyMap<string, NamedArray>): Promise<void> {
  const file = path.join(dir, arrays.file);
  const sha256 = await sha256File(file).catch((cause: unknown) => {
    throw damaged(file, messageOf(cause), cause);
  });
  if (sha256 !== arrays.sha256)
    throw damaged(file, `it has SHA-256 ${sha256.slice(0, 12)}…, state.json says ${arrays.sha256.slice(0, 12)}…`);
  await fillFromSafetensors(file, into);
}

/**
 * Writes the arrays of a state, beside those of the state in force.
 * @returns the state, which {@link putInForce} makes the one that a training goes on from
 * @throws `disk_full`
 */
export async function writeArrays(
  dir: string,
  arrays: ReadonlyMap<string, NamedArray>,
  state: Omit<SavedState, 'format' | 'arrays'>,
): Promise<SavedState> {
  const name = `step-${state.history.length}.safetensors`;
  const file = path.join(dir, name);
  await mkdir(dir, { recursive: true });
  try {
    await orDiskFull('the state of the training', dir, safetensorsSize(arrays), () => writeSafetensors(file, arrays));
    return { format: 1, ...state, arrays: { file: name, sha256: await sha256File(file) } };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** Replaces the state in force by one whose arrays are written, in one move, and removes all other arrays. */
export async function putInForce(dir: string, state: SavedState): Promise<void> {
  const [file, aside] = [path.join(dir, 'state.json'), path.join(dir, 'state.json.tmp')];
  const bytes = Buffer.from(JSON.stringify(schema.parse(state)));
  await orDiskFull('the state of the training', dir, bytes.length, async () => {
    const handle = await open(aside, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
  await rename(aside, file);
  for (const other of await readdir(dir)) if (ARRAYS.test(other) && other !== state.arrays.file) await rm(path.join(dir, other));
}

/** Forgets a training: its model is written. */
export async function removeState(dir: string): Promise<void> {
  for (const file of await filesOf(dir)) if (OURS.test(file)) await rm(path.join(dir, file));
  await rmdir(dir).catch(() => undefined); // not there, or somebody put something beside
}

/**
 * Makes sure that a training may keep its state in a folder: none is kept there.
 * @param command what goes on from a state there, for the message
 * @throws `bad_usage`
 */
export async function assertNoState(dir: string, command: string): Promise<void> {
  const where = path.relative('.', dir);
  if (await isKept(dir))
    throw new TicketwiseError(
      'bad_usage',
      `${where} keeps a training that was stopped. Go on with\n  ${command}\nor delete that folder to train anew.`,
    );
  if ((await filesOf(dir)).some((file) => !OURS.test(file)))
    throw new TicketwiseError(
      'bad_usage',
      `${where}, where this training would be kept, holds something else. Name another folder with --out.`,
    );
}

/** Whether a training is kept in a folder. */
export async function isKept(dir: string): Promise<boolean> {
  return (await filesOf(dir)).includes('state.json');
}

async function filesOf(dir: string): Promise<string[]> {
  return readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

function damaged(file: string, what: string, cause?: unknown): TicketwiseError {
  return new TicketwiseError(
    'bad_data',
    `The kept training is damaged: ${path.relative('.', file)}: ${what}. Delete ${path.relative('.', path.dirname(file))} and train anew.`,
    { cause },
  );
}
