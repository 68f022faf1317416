import * as tf from '@tensorflow/tfjs-core';
import { BACKEND, TracingBackend } from './backend.ts';
import { registerGradients } from './gradients.ts';
import { appendOutput, emptyGraph, type Graph, type Node, type Port } from './graph.ts';
import { registerKernels } from './kernels.ts';
import { simplify } from './simplify.ts';

/** Sizes that differ from call to call. `tokens` is their product. */
export type Size = { batch: number; sequence: number };

/** A dimension: a number, or the name of a size. */
export type Dimension = number | 'batch' | 'sequence' | 'tokens';

/** An input of the traced function; `int64` is what exported models take, and arrives in the function as int32. */
export type InputSpec = { shape: Dimension[]; type?: 'float32' | 'int32' | 'int64' };

/** `a + b batch + c sequence + d batch sequence`: an integer as a function of the sizes. */
export type Affine = [a: number, b: number, c: number, d: number];

/** One graph for every batch and sequence length. */
export type DynamicGraph = {
  nodes: Node[];
  constants: Graph['constants'];
  /** vectors whose elements follow the sizes, without repetition */
  vectors: { name: string; elements: Affine[] }[];
  inputs: { name: string; type: Port['type']; shape: Dimension[] }[];
  /** `sequence`: a sequence of such tensors */
  outputs: { name: string; type: Port['type']; shape: Dimension[]; sequence?: true }[];
};

export type TraceOptions = {
  /** whether stacks of products become ONNX Runtime's `FusedMatMul`, or plain ONNX. Default true */
  fused?: boolean;
};

type Traced = (inputs: Record<string, tf.Tensor>, size: Size) => Record<string, tf.Tensor>;

// Distinct primes: no size equals another, so that nothing broadcasts by chance.
const [B0, B1, S0, S1] = [3, 5, 7, 11];
const PROBE: Size = { batch: 2, sequence: 13 };

/**
 * Runs a function of tensors on symbols and returns what it does as a graph for every size: it is traced at four sizes,
 * whose shapes and bounds give each integer as a function of the sizes, and at a fifth, which checks that.
 * @throws when the function's course, or a number in it that is no integer, depends on the sizes
 */
export function trace(inputs: Record<string, InputSpec>, fn: Traced, { fused = true }: TraceOptions = {}): DynamicGraph {
  const at = (batch: number, sequence: number) => traceAt(inputs, fn, { batch, sequence }, fused);
  const corners = [at(B0, S0), at(B1, S0), at(B0, S1), at(B1, S1)] as const;
  const graph = corners[0];
  const probe = at(PROBE.batch, PROBE.sequence);
  for (const other of [...corners.slice(1), probe]) assertSame(graph, other);

  const names = new Map<string, string>();
  const vectors = new Map<string, { name: string; elements: Affine[] }>();
  graph.integers.forEach(({ name, values }, i) => {
    const elements = values.map((_, k) => affine(corners.map((corner) => element(corner, i, k)) as [number, number, number, number]));
    elements.forEach((e, k) => {
      if (evaluate(e, PROBE) !== element(probe, i, k)) throw new Error(`integer ${k} of ${name} is not bilinear in batch and sequence`);
    });
    const key = JSON.stringify(elements);
    const known = vectors.get(key);
    if (known === undefined) vectors.set(key, { name, elements });
    else names.set(name, known.name);
  });
  const rename = (name: string) => names.get(name) ?? name;
  const nodes = simplify(graph.nodes, graph.outputs).map((node) => ({ ...node, inputs: node.inputs.map(rename) }));
  const used = new Set(nodes.flatMap((node) => node.inputs));
  return {
    nodes,
    constants: graph.constants.filter(({ name }) => used.has(name)),
    vectors: [...vectors.values()].filter(({ name }) => used.has(name)),
    inputs: graph.inputs.map((port) => ({ ...port, shape: inputs[port.name]?.shape ?? [] })),
    outputs: graph.outputs.map((port, i) => ({
      ...port,
      shape: port.shape.map((_, k) => dimension(corners.map((c) => c.outputs[i]?.shape[k] ?? 0))),
    })),
  };
}

/** The value of an affine integer. */
export function evaluate([a, b, c, d]: Affine, { batch, sequence }: Size): number {
  return a + b * batch + c * sequence + d * batch * sequence;
}

function traceAt(inputs: Record<string, InputSpec>, fn: Traced, size: Size, fused: boolean): Graph {
  const backend = tracingBackend();
  backend.fused = fused;
  const before = tf.getBackend() as string | undefined;
  tf.setBackend(BACKEND);
  const graph = emptyGraph();
  backend.graph = graph;
  try {
    tf.tidy(() => {
      const symbols = Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, declare(backend, name, spec, size)]));
      for (const [name, tensor] of Object.entries(fn(symbols, size))) {
        appendOutput(graph, backend.nameOf(tensor), { name, type: tensor.dtype === 'int32' ? 'int32' : 'float32', shape: tensor.shape });
      }
    });
  } finally {
    backend.graph = emptyGraph();
    if (before !== undefined && before !== BACKEND) tf.setBackend(before);
  }
  return graph;
}

function declare(backend: TracingBackend, name: string, { shape, type = 'float32' }: InputSpec, size: Size): tf.Tensor {
  const sizes = { ...size, tokens: size.batch * size.sequence };
  const numbers = shape.map((d) => (typeof d === 'number' ? d : sizes[d]));
  backend.graph.inputs.push({ name, type, shape: numbers });
  const info = type === 'int64' ? backend.node('Cast', [name], numbers, 'int32', { to: 6 }) : backend.symbol(name, numbers, type);
  return tf.engine().makeTensorFromTensorInfo(info);
}

let registered: TracingBackend | undefined;

function tracingBackend(): TracingBackend {
  if (registered === undefined) {
    const backend = new TracingBackend();
    tf.registerBackend(BACKEND, () => backend);
    registerKernels();
    registerGradients();
    registered = backend;
  }
  return registered;
}

function element(graph: Graph, vector: number, index: number): number {
  return graph.integers[vector]?.values[index] ?? Number.NaN;
}

/** Solves for the coefficients from the values at (B0,S0), (B1,S0), (B0,S1), (B1,S1). */
function affine([v00, v10, v01, v11]: [number, number, number, number]): Affine {
  const d = (v11 - v10 - v01 + v00) / ((B1 - B0) * (S1 - S0));
  const b = (v10 - v00) / (B1 - B0) - d * S0;
  const c = (v01 - v00) / (S1 - S0) - d * B0;
  return [v00 - b * B0 - c * S0 - d * B0 * S0, b, c, d];
}

function dimension(values: number[]): Dimension {
  const [a, b, c, d] = affine(values as [number, number, number, number]);
  if (b === 0 && c === 0 && d === 0) return a;
  if (a === 0 && b === 1 && c === 0 && d === 0) return 'batch';
  if (a === 0 && b === 0 && c === 1 && d === 0) return 'sequence';
  if (a === 0 && b === 0 && c === 0 && d === 1) return 'tokens';
  throw new Error(`an output has a dimension that is none of batch, sequence and tokens: ${a} + ${b} B + ${c} S + ${d} BS`);
}

function assertSame(a: Graph, b: Graph): void {
  const shape = (graph: Graph) => JSON.stringify([graph.nodes, graph.integers.map(({ name, values }) => [name, values.length])]);
  if (shape(a) !== shape(b)) throw new Error('the traced function takes another course at another size');
  a.constants.forEach((constant, i) => {
    const other = b.constants[i];
    if (other === undefined || !tf.util.arraysEqual(constant.values, other.values))
      throw new Error(`the number ${constant.values[0]} depends on the sizes: pass it in as an input`);
  });
}
