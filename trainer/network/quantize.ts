import type { Node } from '../tracer/graph.ts';
import type { Initializer } from '../tracer/onnx.ts';
import type { DynamicGraph } from '../tracer/trace.ts';
import { WORDS } from './bert-config.ts';

/** Suffixes of what a quantised matrix is stored as. */
export const QUANTIZED = ':int8';
export const SCALE = ':scale';

/**
 * 7 bits for matrices: processors without VNNI add pairs of products in 16 bits, which 8 bits would overflow
 * (microsoft/onnxruntime#6004). Rows of the word embeddings are only looked up and keep all 8.
 */
const MATRIX_LIMIT = 63;
const ROW_LIMIT = 127;

/**
 * Turns a traced forward graph into an int8 one. Products with a weight matrix quantise their input when they run and
 * multiply integers, with a scale for each output channel; word embeddings have a scale for each row. Heads,
 * normalisation, biases and positions stay float32.
 */
export function quantize(
  graph: DynamicGraph,
  weights: ReadonlyMap<string, Initializer>,
): { graph: DynamicGraph; weights: Map<string, Initializer> } {
  const stored = new Map(weights);
  const quantizedInputs = new Map<string, string[]>();
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const [input, name, third] = node.inputs;
    if (node.op === 'Gather' && input === WORDS) return gatherRows(node, store(stored, WORDS, ROW_LIMIT, 'rows'));
    if (node.op !== 'Gemm' || input === undefined || name === undefined || !isMatrix(stored, name)) return [node];
    const known = quantizedInputs.get(input);
    const parts = known ?? ['q', 'scale', 'zero'].map((part) => `${input}:${part}`);
    quantizedInputs.set(input, parts);
    const [q = '', scale = '', zero = ''] = parts;
    const matrix = store(stored, name, MATRIX_LIMIT, 'columns');
    const product: Node = {
      op: 'MatMulIntegerToFloat',
      domain: 'com.microsoft',
      inputs: [q, matrix.values, scale, matrix.scale, zero, '', ...(third === undefined ? [] : [third])],
      outputs: node.outputs,
      attributes: {},
    };
    return known === undefined
      ? [{ op: 'DynamicQuantizeLinear', domain: '', inputs: [input], outputs: parts, attributes: {} }, product]
      : [product];
  });
  return { graph: { ...graph, nodes, inputs: graph.inputs.filter(({ name }) => !weights.has(name)) }, weights: stored };
}

/** `round(x / scale)` for each row of a matrix, and the scales: the largest magnitude of a row is `limit`. */
export function quantizeRows(values: Float32Array, rows: number, limit: number): { values: Int8Array; scales: Float32Array } {
  const width = values.length / rows;
  const quantized = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let i = row * width; i < (row + 1) * width; i++) largest = Math.max(largest, Math.abs(values[i] ?? 0));
    const scale = largest === 0 ? 1 : largest / limit;
    scales[row] = scale;
    for (let i = row * width; i < (row + 1) * width; i++) quantized[i] = Math.round((values[i] ?? 0) / scale);
  }
  return { values: quantized, scales };
}

type Stored = { values: string; scale: string };

/** Replaces a float matrix `[out, in]`; `columns` stores it transposed, as integer products take it. */
function store(weights: Map<string, Initializer>, name: string, limit: number, layout: 'rows' | 'columns'): Stored {
  const names = { values: name + QUANTIZED, scale: name + SCALE };
  const matrix = weights.get(name);
  if (matrix === undefined) return names;
  const [rows = 0, width = 0] = matrix.shape;
  const { values, scales } = quantizeRows(matrix.values as Float32Array, rows, limit);
  const kept = layout === 'rows' ? values : transpose(values, rows, width);
  weights.set(names.values, { type: 'int8', shape: layout === 'rows' ? [rows, width] : [width, rows], values: kept });
  weights.set(names.scale, { type: 'float32', shape: layout === 'rows' ? [rows, 1] : [rows], values: scales });
  weights.delete(name);
  return names;
}

function gatherRows(node: Node, { values, scale }: Stored): Node[] {
  const indices = node.inputs[1] ?? '';
  const step = (op: string, inputs: string[], output: string, attributes: Node['attributes'] = {}): Node => ({
    op,
    domain: '',
    inputs,
    outputs: [output],
    attributes,
  });
  return [
    step('Gather', [values, indices], 'words:int8', { axis: 0 }),
    step('Cast', ['words:int8'], 'words:float', { to: 1 }),
    step('Gather', [scale, indices], 'words:scale', { axis: 0 }),
    step('Mul', ['words:float', 'words:scale'], node.outputs[0] ?? ''),
  ];
}

/** Whether a name is a weight matrix of the encoder, still float or quantised by an earlier product. */
function isMatrix(weights: ReadonlyMap<string, Initializer>, name: string): boolean {
  return name.endsWith('.weight') && !name.includes('_head.') && (weights.get(name)?.shape.length === 2 || weights.has(name + QUANTIZED));
}

function transpose(values: Int8Array, rows: number, width: number): Int8Array {
  const result = new Int8Array(values.length);
  for (let row = 0; row < rows; row++) for (let i = 0; i < width; i++) result[i * rows + row] = values[row * width + i] ?? 0;
  return result;
}
