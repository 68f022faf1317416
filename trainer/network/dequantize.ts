import { readFile } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { messageOf, TicketwiseError } from '../../errors.ts';
import { WORDS } from './bert-config.ts';
import { QUANTIZED, SCALE } from './quantize.ts';
import type { NamedArray } from './safetensors.ts';

/**
 * Reads the weights back out of an int8 model that was exported here, so that a model shipped as int8 alone can be
 * trained further.
 * @throws `bad_model` when the file is no such model
 */
export async function readQuantized(file: string): Promise<Map<string, NamedArray>> {
  const arrays = new Map<string, { shape: number[]; bytes: Uint8Array }>();
  try {
    const model = fromBinary(ModelProtoSchema, await readFile(file));
    for (const { name, dims, rawData } of model.graph?.initializer ?? []) arrays.set(name, { shape: dims.map(Number), bytes: rawData });
  } catch (cause) {
    throw new TicketwiseError('bad_model', `${file} is no whole ONNX file: ${messageOf(cause)}. Fetch it again.`, { cause });
  }
  const weights = new Map<string, NamedArray>();
  for (const [name, { shape, bytes }] of arrays) {
    if (name.endsWith('.weight') || name.endsWith('.bias')) weights.set(name, { shape, values: floats(bytes) });
    if (!name.endsWith(QUANTIZED)) continue;
    const plain = name.slice(0, -QUANTIZED.length);
    const scale = arrays.get(plain + SCALE);
    if (scale === undefined)
      throw new TicketwiseError('bad_model', `${file}: ${plain} has integers but no scales. Was it exported by \`npm run train\`?`);
    weights.set(plain, dequantize(new Int8Array(new Uint8Array(bytes).buffer), floats(scale.bytes), shape, plain === WORDS));
  }
  if (weights.size === 0)
    throw new TicketwiseError('bad_model', `${file} holds no weights under Hugging Face names. Was it exported by \`npm run train\`?`);
  return weights;
}

/** Integers times scales, as `[out, in]`: matrices were stored transposed, word embeddings by rows. */
function dequantize(values: Int8Array, scales: Float32Array, [first = 0, second = 0]: number[], byRows: boolean): NamedArray {
  const result = new Float32Array(values.length);
  if (byRows) {
    for (let i = 0; i < values.length; i++) result[i] = (values[i] ?? 0) * (scales[Math.floor(i / second)] ?? 0);
    return { shape: [first, second], values: result };
  }
  for (let i = 0; i < first; i++)
    for (let row = 0; row < second; row++) result[row * first + i] = (values[i * second + row] ?? 0) * (scales[row] ?? 0);
  return { shape: [second, first], values: result };
}

function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer); // a copy: views of a file need not be aligned
}
