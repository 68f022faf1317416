import { open, readFile } from 'node:fs/promises';
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

/**
 * Reads the floating-point tensors of a safetensors file as float32.
 * Format: https://huggingface.co/docs/safetensors: 8 bytes header length, JSON header, data.
 * @throws `bad_model` on a file that is cut short or whose header does not describe it
 */
export async function readSafetensors(file: string): Promise<Map<string, NamedArray>> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new TicketwiseError('bad_model', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const damaged = (what: string, cause?: unknown) =>
    new TicketwiseError('bad_model', `${file} is no whole safetensors file: ${what}. Fetch it again.`, { cause });
  if (bytes.length < 8) throw damaged(`it has ${bytes.length} bytes`);
  const length = bytes.readBigUInt64LE(0);
  if (length > BigInt(bytes.length - 8)) throw damaged(`its header says ${length} bytes, the file has ${bytes.length}`);
  const start = 8 + Number(length);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8', 8, start));
  } catch (cause) {
    throw damaged(`its header is not JSON (${messageOf(cause)})`, cause);
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw damaged(`its header is malformed: ${z.prettifyError(parsed.error)}`);

  const tensors = new Map<string, NamedArray>();
  for (const [name, entry] of Object.entries(parsed.data)) {
    if (name === '__metadata__' || !('data_offsets' in entry) || !Array.isArray(entry.data_offsets) || !Array.isArray(entry.shape))
      continue;
    const [from, to] = entry.data_offsets as [number, number];
    const shape = entry.shape as number[];
    const width = WIDTH[entry.dtype as string];
    if (width === undefined) continue; // integer buffers such as position_ids hold no weights
    const count = shape.reduce((product, size) => product * size, 1);
    if (to - from !== count * width || start + to > bytes.length || from < 0) throw damaged(`tensor ${name} does not fit its bytes`);
    tensors.set(name, { shape, values: decode(bytes.subarray(start + from, start + to), entry.dtype as string, count) });
  }
  return tensors;
}

/** Writes float32 tensors as a safetensors file, in the order of the map. */
export async function writeSafetensors(file: string, tensors: ReadonlyMap<string, NamedArray>): Promise<void> {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(Buffer.concat([length, padded]));
    for (const { values } of tensors.values())
      await handle.appendFile(new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function decode(bytes: Buffer, dtype: string, count: number): Float32Array {
  const copy = new Uint8Array(bytes).buffer;
  if (dtype === 'F32') return new Float32Array(copy);
  const halves = new Uint16Array(copy);
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
