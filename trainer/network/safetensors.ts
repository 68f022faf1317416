import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, TicketwiseError } from '../../errors.ts';

/** An array of numbers with its shape. */
export type NamedArray = { shape: number[]; values: Float32Array };

const headerSchema = z.record(
  z.string(),
  z.union([
    z.strictObject({
      dtype: z.string(),
      shape: z.array(z.number().int().nonnegative()),
      data_offsets: z.tuple([z.number().int(), z.number().int()]),
    }),
    z.record(z.string(), z.string()),
  ]),
);

const WIDTH: Record<string, number> = { F32: 4, F16: 2, BF16: 2 };

/** Where a tensor lies in its file, checked against the file's size. */
type Entry = { name: string; dtype: string; shape: number[]; count: number; at: number; bytes: number };

/**
 * Reads the floating-point tensors of a safetensors file as float32.
 * Format: https://huggingface.co/docs/safetensors: 8 bytes header length, JSON header, data.
 * @throws `bad_model` on a file that is cut short or whose header does not describe it
 */
export async function readSafetensors(file: string): Promise<Map<string, NamedArray>> {
  return withEntries(file, async (handle, entries) => {
    const tensors = new Map<string, NamedArray>();
    for (const { name, dtype, shape, count, at, bytes } of entries) {
      const data = await readBytes(handle, new Uint8Array(bytes), at);
      tensors.set(name, { shape, values: decode(data.buffer as ArrayBuffer, dtype, count) });
    }
    return tensors;
  });
}

/**
 * Reads a file that {@link writeSafetensors} wrote of the same arrays into them, with no copy beside.
 * @throws `bad_model` when the file is damaged, or has other arrays or shapes; what was filled by then stays so
 */
export async function fillFromSafetensors(file: string, arrays: ReadonlyMap<string, NamedArray>): Promise<void> {
  await withEntries(file, async (handle, entries) => {
    const found = new Map(entries.map((entry) => [entry.name, entry]));
    if (found.size !== arrays.size) throw new TicketwiseError('bad_model', `${file} has ${found.size} arrays where ${arrays.size} belong.`);
    for (const [name, { shape, values }] of arrays) {
      const entry = found.get(name);
      if (entry === undefined || entry.dtype !== 'F32' || entry.shape.join() !== shape.join())
        throw new TicketwiseError('bad_model', `${file} has no ${name} of shape [${shape}] in float32.`);
      await readBytes(handle, bytesOf(values), entry.at);
    }
  });
}

/** Writes float32 tensors as a safetensors file, in the order of the map, and forces it to the disk. */
export async function writeSafetensors(file: string, tensors: ReadonlyMap<string, NamedArray>): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(encodeHeader(tensors));
    for (const { values } of tensors.values()) await handle.appendFile(bytesOf(values));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Bytes of the file that {@link writeSafetensors} writes. */
export function safetensorsSize(tensors: ReadonlyMap<string, NamedArray>): number {
  return [...tensors.values()].reduce((sum, { values }) => sum + values.byteLength, encodeHeader(tensors).length);
}

function encodeHeader(tensors: ReadonlyMap<string, NamedArray>): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, ' ');
  text.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

/** Opens a file, checks its header, and closes it again. */
async function withEntries<T>(file: string, use: (handle: FileHandle, entries: Entry[]) => Promise<T>): Promise<T> {
  const handle = await open(file).catch((cause: unknown) => {
    throw new TicketwiseError('bad_model', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  try {
    return await use(handle, await readEntries(handle, file));
  } finally {
    await handle.close();
  }
}

async function readEntries(handle: FileHandle, file: string): Promise<Entry[]> {
  const damaged = (what: string, cause?: unknown) =>
    new TicketwiseError('bad_model', `${file} is no whole safetensors file: ${what}. Fetch it again.`, { cause });
  const stats = await handle.stat();
  if (!stats.isFile()) throw damaged('it is no file');
  const { size } = stats;
  if (size < 8) throw damaged(`it has ${size} bytes`);
  const length = Buffer.from(await readBytes(handle, new Uint8Array(8), 0)).readBigUInt64LE();
  if (length > BigInt(size - 8)) throw damaged(`its header says ${length} bytes, the file has ${size}`);
  const start = 8 + Number(length);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(await readBytes(handle, new Uint8Array(Number(length)), 8)).toString('utf8'));
  } catch (cause) {
    throw damaged(`its header is not JSON (${messageOf(cause)})`, cause);
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw damaged(`its header is malformed: ${z.prettifyError(parsed.error)}`);

  return Object.entries(parsed.data).flatMap(([name, entry]) => {
    if (name === '__metadata__' || !('data_offsets' in entry) || !Array.isArray(entry.data_offsets) || !Array.isArray(entry.shape))
      return [];
    const [from, to] = entry.data_offsets as [number, number];
    const [dtype, shape] = [entry.dtype as string, entry.shape as number[]];
    const width = WIDTH[dtype];
    if (width === undefined) return []; // integer buffers such as position_ids hold no weights
    const count = shape.reduce((product, size) => product * size, 1);
    if (to - from !== count * width || start + to > size || from < 0) throw damaged(`tensor ${name} does not fit its bytes`);
    return { name, dtype, shape, count, at: start + from, bytes: to - from };
  });
}

/** Fills bytes from a place of a file on; the caller knows that it is long enough. */
async function readBytes(handle: FileHandle, into: Uint8Array, at: number): Promise<Uint8Array> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    done += bytesRead;
  }
  return into;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function decode(bytes: ArrayBuffer, dtype: string, count: number): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes);
  const halves = new Uint16Array(bytes);
  if (dtype === 'BF16') return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer, 0, count);
  return Float32Array.from(halves, halfToFloat);
}

/** IEEE 754 binary16 to a number. */
function halfToFloat(half: number): number {
  const sign = half >> 15 === 1 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
