import * as tf from '@tensorflow/tfjs-core';
import { appendConstant, appendIntegers, appendNode, type ElementType, emptyGraph, type Graph } from './graph.ts';

/** Name of the backend in TensorFlow.js. */
export const BACKEND = 'onnx-trace';

/** What stands behind a tensor: a value of the graph that is being traced, or numbers that are known now. */
type Entry = { symbol: string; graph: Graph } | { values: tf.backend_util.TypedArray; shape: number[]; dtype: tf.DataType };

/**
 * A TensorFlow.js backend that computes nothing: its kernels append ONNX nodes to {@link graph} and return symbolic
 * tensors. TensorFlow.js differentiates through it unchanged, because its gradients are made of the same kernels.
 */
export class TracingBackend extends tf.KernelBackend {
  graph: Graph = emptyGraph();
  /** whether what will run the graph has ONNX Runtime's `FusedMatMul` */
  fused = true;
  private readonly entries = new WeakMap<object, Entry>();
  private readonly sources = new WeakMap<object, tf.TensorInfo>();
  private live = 0;

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    if (dtype === 'string' || dtype === 'complex64') throw new Error(`the tracer has no ${dtype} tensors`);
    const id = {};
    this.live += 1;
    this.entries.set(id, { values: values as tf.backend_util.TypedArray, shape, dtype });
    return id;
  }

  /** A tensor that the graph will compute, as value `name`. */
  symbol(name: string, shape: number[], dtype: tf.DataType): tf.TensorInfo {
    const id = {};
    this.live += 1;
    this.entries.set(id, { symbol: name, graph: this.graph });
    return { dataId: id, shape, dtype };
  }

  /** The numbers of a tensor where tracing knows them, else undefined. */
  known(tensor: tf.TensorInfo): tf.backend_util.TypedArray | undefined {
    const entry = this.entry(tensor);
    return 'values' in entry ? entry.values : undefined;
  }

  /** The tensor's value in the graph; numbers that are known now become a constant of it. */
  nameOf(tensor: tf.TensorInfo): string {
    const entry = this.entry(tensor);
    if ('symbol' in entry && entry.graph === this.graph) return entry.symbol;
    if (!('values' in entry)) throw new Error('a tensor of another trace was used: pass it in as an input');
    const symbol = this.appendKnown(entry.values, tensor.shape, tensor.dtype);
    return symbol;
  }

  /** Appends a node with one output and returns the tensor it makes. */
  node(
    op: string,
    inputs: string[],
    shape: number[],
    dtype: tf.DataType,
    attributes: Parameters<typeof appendNode>[3] = {},
    domain = '',
  ): tf.TensorInfo {
    return this.symbol(appendNode(this.graph, op, inputs, attributes, { domain })[0], shape, dtype);
  }

  /** Remembers that a tensor is another one in a new shape. */
  noteReshape(tensor: tf.TensorInfo, source: tf.TensorInfo): void {
    this.sources.set(tensor.dataId, source);
  }

  /** What a tensor was reshaped from, if it was. */
  reshapedFrom(tensor: tf.TensorInfo): tf.TensorInfo | undefined {
    return this.sources.get(tensor.dataId);
  }

  /** A vector of integers that may depend on the sizes. */
  integers(values: number[]): string {
    return appendIntegers(this.graph, values);
  }

  /** A scalar constant. */
  scalar(value: number, type: 'float32' | 'int32' = 'float32'): string {
    return appendConstant(this.graph, { type, shape: [], values: type === 'int32' ? Int32Array.of(value) : Float32Array.of(value) });
  }

  override readSync(): never {
    throw new Error('a traced tensor has no numbers yet: the function reads a value while it is traced');
  }
  override read(): never {
    return this.readSync();
  }
  override disposeData(): boolean {
    this.live -= 1;
    return true;
  }
  override incRef(): void {}
  decRef(): void {}
  override refCount(): number {
    return 1;
  }
  override numDataIds(): number {
    return this.live;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override timerAvailable(): boolean {
    return false;
  }

  private entry(tensor: tf.TensorInfo): Entry {
    const entry = this.entries.get(tensor.dataId);
    if (entry === undefined) throw new Error('a tensor of another TensorFlow.js backend was used in a trace');
    return entry;
  }

  /** Arrays that hold one number throughout (gradients are full of ones and zeros) keep only their shape. */
  private appendKnown(values: tf.backend_util.TypedArray, shape: number[], dtype: tf.DataType): string {
    const first = values[0] ?? 0;
    if (dtype === 'float32' && shape.length > 0 && values.every((value) => value === first)) {
      return appendNode(this.graph, 'Expand', [this.scalar(first), this.integers(shape)])[0];
    }
    const type = elementType(dtype);
    const typed = type === 'float32' ? Float32Array.from(values) : type === 'bool' ? Uint8Array.from(values) : Int32Array.from(values);
    return appendConstant(this.graph, { type, shape, values: typed });
  }
}

export function elementType(dtype: tf.DataType): ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Error(`the tracer has no ${dtype} tensors`);
}
