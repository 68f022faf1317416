import { TicketwiseError } from '../../errors.ts';
import { type BertConfig, type HeadSizes, parameterShapes, WORDS } from './bert-config.ts';
import type { NamedArray } from './safetensors.ts';

/** A trainable array and, beside it, its gradient and AdamW's moments, each a view of one memory. */
export type Parameter = {
  name: string;
  shape: number[];
  values: Float32Array;
  gradient: Float32Array;
  /** AdamW's moments, of the shape of `values` */
  first: Float32Array;
  second: Float32Array;
  /** byte offsets in the memory, for the optimiser */
  at: { values: number; first: number; second: number; gradient: number };
};

/**
 * All numbers of a model in training, in one WebAssembly memory: ONNX Runtime reads parameters from it and writes
 * gradients to it through typed arrays, and the optimiser updates them in place, so that a step copies nothing.
 */
export type Parameters = {
  memory: WebAssembly.Memory;
  /** everything that the traced step holds, in the order of the network */
  dense: Parameter[];
  /** word embeddings `[vocabulary, hidden]`; `gradient` holds a row for each token of a batch */
  words: Parameter;
};

const FLOAT = 4;
const ALIGNMENT = 16; // floats: a cache line
const PAGE = 65_536;
const LARGEST = 65_536; // pages: what 32-bit addresses reach

/**
 * Lays out the memory of a model; every value is zero.
 * @param maxTokens most tokens in a batch, padding included
 * @throws `bad_model` when the model does not fit into 4 GiB with its moments
 */
export function allocateParameters(config: BertConfig, heads: HeadSizes, maxTokens: number): Parameters {
  let floats = 0;
  const reserve = (count: number) => {
    const at = floats * FLOAT;
    floats += Math.ceil(count / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const place = (name: string, shape: number[], gradientRows?: number) => {
    const count = product(shape);
    const gradientCount = gradientRows === undefined ? count : gradientRows * (shape[1] ?? 1);
    const at = { values: reserve(count), first: reserve(count), second: reserve(count), gradient: reserve(gradientCount) };
    return { name, shape, count, gradientCount, at };
  };
  const dense = [...parameterShapes(config, heads)].map(([name, shape]) => place(name, shape));
  const words = place(WORDS, [config.vocab_size, config.hidden_size], maxTokens);
  const pages = Math.ceil((floats * FLOAT) / PAGE);
  if (pages > LARGEST) {
    const needed = ((pages * PAGE) / 2 ** 30).toFixed(1);
    throw new TicketwiseError(
      'bad_model',
      `This checkpoint needs ${needed} GiB for weights, gradients and moments; the limit is 4 GiB. Take a smaller base.`,
    );
  }
  const memory = new WebAssembly.Memory({ initial: pages });
  const view = ({ name, shape, count, gradientCount, at }: ReturnType<typeof place>): Parameter => ({
    name,
    shape,
    at,
    values: new Float32Array(memory.buffer, at.values, count),
    gradient: new Float32Array(memory.buffer, at.gradient, gradientCount),
    first: new Float32Array(memory.buffer, at.first, count),
    second: new Float32Array(memory.buffer, at.second, count),
  });
  return { memory, dense: dense.map(view), words: view(words) };
}

/**
 * Fills parameters from a checkpoint. Heads that it lacks, or has for other labels, are drawn anew (normal, deviation 0.02).
 * @returns names that were drawn
 * @throws `bad_model` when anything but a head is missing or has another shape
 */
export function loadParameters(
  parameters: Parameters,
  checkpoint: ReadonlyMap<string, NamedArray>,
  random: () => number,
  from: string,
): string[] {
  const drawn: string[] = [];
  for (const { name, shape, values } of [...parameters.dense, parameters.words]) {
    const found = checkpoint.get(name) ?? checkpoint.get(`bert.${name}`);
    const fits = found !== undefined && found.shape.join() === shape.join();
    if (fits) values.set(found.values);
    else if (name.includes('_head.') || (name.startsWith('pooler.') && found === undefined)) {
      if (name.endsWith('.weight')) for (let i = 0; i < values.length; i++) values[i] = 0.02 * normal(random);
      else values.fill(0);
      drawn.push(name);
    } else {
      const came = found === undefined ? 'it is missing' : `it has shape [${found.shape}]`;
      throw new TicketwiseError(
        'bad_model',
        `${from} is no BERT checkpoint of its own config.json: ${name} should be [${shape}], and ${came}.`,
      );
    }
  }
  return drawn;
}

/** Fills everything with what BERT starts from: normal matrices of deviation 0.02, ones for scales, zeros for biases. */
export function drawParameters(parameters: Parameters, random: () => number): void {
  for (const { name, values } of [...parameters.dense, parameters.words]) {
    if (name.endsWith('LayerNorm.weight')) values.fill(1);
    else if (name.endsWith('.bias')) values.fill(0);
    else for (let i = 0; i < values.length; i++) values[i] = 0.02 * normal(random);
  }
}

/** The parameters as a checkpoint holds them, as views. */
export function toCheckpoint({ dense, words }: Parameters): Map<string, NamedArray> {
  return new Map([words, ...dense].map(({ name, shape, values }) => [name, { shape, values }]));
}

/** All that training changes and must remember, as views: the parameters and their moments, under names of their own. */
export function trainedArrays({ dense, words }: Parameters): Map<string, NamedArray> {
  return new Map(
    [words, ...dense].flatMap(({ name, shape, values, first, second }) => [
      [name, { shape, values }],
      [`first:${name}`, { shape, values: first }],
      [`second:${name}`, { shape, values: second }],
    ]),
  );
}

/** Box and Muller's transform of two uniform numbers. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function product(shape: number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
