import * as tf from '@tensorflow/tfjs-core';
import { BACKEND, elementType, type TracingBackend } from './backend.ts';
import { appendNode } from './graph.ts';

type Inputs = Record<string, tf.TensorInfo>;
type Attrs = Record<string, unknown>;
type Kernel = (backend: TracingBackend, inputs: Inputs, attrs: Attrs) => tf.TensorInfo | tf.TensorInfo[];

const broadcast = tf.backend_util.assertAndGetBroadcastShape;

/** Tensors by name; TensorFlow.js checks before a kernel runs that they are there. */
function get(inputs: Inputs, name: string): tf.TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`input ${name} is missing`);
  return tensor;
}

/** An operand of a broadcasting operator: where it is one number throughout and does not set the shape, a scalar. */
function operand(backend: TracingBackend, tensor: tf.TensorInfo, other: tf.TensorInfo, shape: number[]): string {
  const values = backend.known(tensor);
  const first = values?.[0];
  if (values !== undefined && first !== undefined && tensor.dtype === 'float32' && tf.util.arraysEqual(other.shape, shape)) {
    if (values.every((value) => value === first)) return backend.scalar(first);
  }
  return backend.nameOf(tensor);
}

const binary =
  (op: string, dtype?: tf.DataType): Kernel =>
  (backend, inputs) => {
    const [a, b] = [get(inputs, 'a'), get(inputs, 'b')];
    const shape = broadcast(a.shape, b.shape);
    return backend.node(op, [operand(backend, a, b, shape), operand(backend, b, a, shape)], shape, dtype ?? a.dtype);
  };

const unary =
  (op: string): Kernel =>
  (backend, inputs) => {
    const x = get(inputs, 'x');
    return backend.node(op, [backend.nameOf(x)], x.shape, x.dtype);
  };

const reduction =
  (op: string, axesAreInput: boolean): Kernel =>
  (backend, inputs, attrs) => {
    const x = get(inputs, 'x');
    const keepDims = attrs.keepDims === true;
    // TensorFlow.js names the axes of a maximum otherwise.
    const axes = tf.util.parseAxisParam((attrs.axis ?? attrs.reductionIndices ?? null) as number | number[], x.shape);
    const shape = x.shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
    const keepdims = keepDims ? 1 : 0;
    if (axes.length === x.shape.length) return backend.node(op, [backend.nameOf(x)], shape, x.dtype, { keepdims });
    return axesAreInput
      ? backend.node(op, [backend.nameOf(x), backend.integers(axes)], shape, x.dtype, { keepdims })
      : backend.node(op, [backend.nameOf(x)], shape, x.dtype, { axes, keepdims });
  };

const filled =
  (value: number): Kernel =>
  (backend, inputs) =>
    fill(backend, get(inputs, 'x').shape, value, get(inputs, 'x').dtype);

function fill(backend: TracingBackend, shape: number[], value: number, dtype: tf.DataType): tf.TensorInfo {
  const values = new Float32Array(tf.util.sizeFromShape(shape)).fill(value);
  return { dataId: backend.write(values, shape, dtype), shape, dtype };
}

/** A reshape of a reshape starts from the first shape, and one that leads back to it is nothing. */
function reshape(backend: TracingBackend, x: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  const source = backend.reshapedFrom(x) ?? x;
  if (tf.util.arraysEqual(source.shape, shape)) return { ...source };
  const reshaped = backend.node('Reshape', [backend.nameOf(source), backend.integers(shape)], shape, x.dtype);
  backend.noteReshape(reshaped, source);
  return reshaped;
}

/**
 * `a @ b (+ bias)`: a `Gemm` for matrices; for stacks of them ONNX Runtime's `FusedMatMul`, which transposes by itself, or
 * where that is missing a `MatMul`.
 */
function matMul(backend: TracingBackend, inputs: Inputs, attrs: Attrs): tf.TensorInfo {
  const [a, b] = [get(inputs, 'a'), get(inputs, 'b')];
  const [transA, transB] = [attrs.transposeA === true ? 1 : 0, attrs.transposeB === true ? 1 : 0];
  const rows = a.shape.at(transA === 1 ? -1 : -2) ?? 1;
  const columns = b.shape.at(transB === 1 ? -2 : -1) ?? 1;
  const stack = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...stack, rows, columns];
  // TensorFlow.js gives two matrices as stacks of one.
  if (stack.every((size) => size === 1)) {
    const matrix = (t: tf.TensorInfo) => backend.nameOf(t.shape.length === 2 ? t : reshape(backend, t, t.shape.slice(-2)));
    const bias = inputs.bias === undefined ? [] : [backend.nameOf(inputs.bias)];
    const product = backend.node('Gemm', [matrix(a), matrix(b), ...bias], [rows, columns], 'float32', { transA, transB });
    return stack.length === 0 ? product : reshape(backend, product, shape);
  }
  if (inputs.bias !== undefined) throw new Error('the tracer fuses a bias into products of two matrices only');
  if (backend.fused)
    return backend.node('FusedMatMul', [backend.nameOf(a), backend.nameOf(b)], shape, 'float32', { transA, transB }, 'com.microsoft');
  const turned = [transA === 1 ? swapLast(backend, a) : a, transB === 1 ? swapLast(backend, b) : b];
  return backend.node(
    'MatMul',
    turned.map((t) => backend.nameOf(t)),
    shape,
    'float32',
  );
}

function swapLast(backend: TracingBackend, x: tf.TensorInfo): tf.TensorInfo {
  const perm = x.shape.map((_, axis) => axis);
  perm.push(...perm.splice(-2).toReversed());
  return backend.node(
    'Transpose',
    [backend.nameOf(x)],
    perm.map((axis) => x.shape[axis] ?? 1),
    x.dtype,
    { perm },
  );
}

/** A sum; that of a matrix's rows as a product with ones, at which ONNX Runtime is quicker than at `ReduceSum`. */
function sum(backend: TracingBackend, inputs: Inputs, attrs: Attrs): tf.TensorInfo | tf.TensorInfo[] {
  const x = get(inputs, 'x');
  const axes = tf.util.parseAxisParam((attrs.axis ?? null) as number | number[], x.shape);
  const [rows, columns] = x.shape.slice(-2);
  const ofRows = axes.length === x.shape.length - 1 && !axes.includes(x.shape.length - 1);
  const isMatrix = x.shape.slice(0, -2).every((size) => size === 1);
  if (rows === undefined || columns === undefined || !ofRows || !isMatrix || attrs.keepDims === true || x.dtype !== 'float32')
    return reduction('ReduceSum', true)(backend, inputs, attrs);
  const b = reshape(backend, x, [rows, columns]);
  return reshape(backend, matMul(backend, { a: fill(backend, [1, rows], 1, 'float32'), b }, {}), [columns]);
}

const kernels: Record<string, Kernel> = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Pow: binary('Pow'),
  Greater: binary('Greater', 'bool'),
  GreaterEqual: binary('GreaterOrEqual', 'bool'),
  Less: binary('Less', 'bool'),
  Equal: binary('Equal', 'bool'),
  Neg: unary('Neg'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Erf: unary('Erf'),
  Tanh: unary('Tanh'),
  Sqrt: unary('Sqrt'),
  Abs: unary('Abs'),
  Reciprocal: unary('Reciprocal'),
  Sum: sum,
  Mean: reduction('ReduceMean', false),
  Max: reduction('ReduceMax', false),
  OnesLike: filled(1),
  ZerosLike: filled(0),
  BatchMatMul: matMul,
  _FusedMatMul: matMul,
  Square: (backend, inputs) => {
    const x = get(inputs, 'x');
    return backend.node('Mul', [backend.nameOf(x), backend.nameOf(x)], x.shape, x.dtype);
  },
  Rsqrt: (backend, inputs) => {
    const x = get(inputs, 'x');
    const root = backend.node('Sqrt', [backend.nameOf(x)], x.shape, x.dtype);
    return backend.node('Reciprocal', [backend.nameOf(root)], x.shape, x.dtype);
  },
  LayerNormalization: (backend, inputs, attrs) => {
    const [x, scale, offset] = [get(inputs, 'x'), get(inputs, 'scale'), get(inputs, 'offset')];
    const names = appendNode(
      backend.graph,
      'LayerNormalization',
      [x, scale, offset].map((t) => backend.nameOf(t)),
      { axis: -1, epsilon: { float: attrs.epsilon as number } },
      { outputs: 3 },
    );
    const rows = [...x.shape.slice(0, -1), 1];
    return names.map((name, i) => backend.symbol(name, i === 0 ? x.shape : rows, 'float32'));
  },
  Gelu: (backend, inputs) => {
    const x = get(inputs, 'x');
    return backend.node('Gelu', [backend.nameOf(x)], x.shape, x.dtype, {}, 'com.microsoft');
  },
  Identity: (_backend, inputs) => ({ ...get(inputs, 'x') }),
  Cast: (backend, inputs, attrs) => {
    const x = get(inputs, 'x');
    const dtype = attrs.dtype as tf.DataType;
    if (dtype === x.dtype) return { ...x };
    return backend.node('Cast', [backend.nameOf(x)], x.shape, dtype, { to: ONNX_TYPE[elementType(dtype)] });
  },
  Reshape: (backend, inputs, attrs) => {
    const x = get(inputs, 'x');
    return reshape(backend, x, tf.util.inferFromImplicitShape(attrs.shape as number[], tf.util.sizeFromShape(x.shape)));
  },
  ExpandDims: (backend, inputs, attrs) => {
    const x = get(inputs, 'input');
    const axis = attrs.dim as number;
    return reshape(backend, x, x.shape.toSpliced(axis < 0 ? x.shape.length + 1 + axis : axis, 0, 1));
  },
  Transpose: (backend, inputs, attrs) => {
    const x = get(inputs, 'x');
    const perm = attrs.perm as number[];
    return backend.node(
      'Transpose',
      [backend.nameOf(x)],
      perm.map((axis) => x.shape[axis] ?? 1),
      x.dtype,
      { perm },
    );
  },
  Softmax: (backend, inputs, attrs) => {
    const x = get(inputs, 'logits');
    return backend.node('Softmax', [backend.nameOf(x)], x.shape, 'float32', { axis: attrs.dim as number });
  },
  LogSoftmax: (backend, inputs, attrs) => {
    const x = get(inputs, 'logits');
    return backend.node('LogSoftmax', [backend.nameOf(x)], x.shape, 'float32', { axis: attrs.axis as number });
  },
  GatherV2: (backend, inputs, attrs) => {
    const [x, indices] = [get(inputs, 'x'), get(inputs, 'indices')];
    const axis = attrs.axis as number;
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return backend.node('Gather', [backend.nameOf(x), backend.nameOf(indices)], shape, x.dtype, { axis });
  },
  Slice: (backend, inputs, attrs) => {
    const x = get(inputs, 'x');
    const [begin = [], size = []] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin as number[], attrs.size as number[]);
    const bounds = [begin, begin.map((start, axis) => start + (size[axis] ?? 0)), begin.map((_, axis) => axis)];
    return backend.node('Slice', [backend.nameOf(x), ...bounds.map((b) => backend.integers(b))], size, x.dtype);
  },
  PadV2: (backend, inputs, attrs) => {
    const x = get(inputs, 'x');
    const paddings = attrs.paddings as [number, number][];
    if (attrs.constantValue !== 0) throw new Error('the tracer pads with zeros only');
    const shape = x.shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
    const pads = backend.integers([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
    return backend.node('Pad', [backend.nameOf(x), pads], shape, x.dtype);
  },
  Fill: (backend, _inputs, attrs) =>
    fill(backend, attrs.shape as number[], attrs.value as number, (attrs.dtype as tf.DataType) ?? 'float32'),
  Tile: (backend, inputs, attrs) => {
    const x = get(inputs, 'x');
    const reps = attrs.reps as number[];
    return backend.node(
      'Tile',
      [backend.nameOf(x), backend.integers(reps)],
      x.shape.map((size, axis) => size * (reps[axis] ?? 1)),
      x.dtype,
    );
  },
  Select: (backend, inputs) => {
    const [condition, t, e] = [get(inputs, 'condition'), get(inputs, 't'), get(inputs, 'e')];
    return backend.node(
      'Where',
      [condition, t, e].map((x) => backend.nameOf(x)),
      t.shape,
      t.dtype,
    );
  },
};

/** ONNX's numbers for element types (`TensorProto.DataType`). */
export const ONNX_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/**
 * Registers every kernel of the tracing backend with TensorFlow.js: those that TensorFlow.js has, and `LayerNormalization`
 * and `Gelu`, which a function may use where `tf.getKernel` finds them.
 */
export function registerKernels(): void {
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) => kernel(backend as TracingBackend, inputs as Inputs, (attrs ?? {}) as Attrs),
    });
  }
}
