import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_SequenceSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { Attribute, ElementType, Node } from './graph.ts';
import { ONNX_TYPE } from './kernels.ts';
import type { DynamicGraph } from './trace.ts';

/** Opset of every file: the first with `LayerNormalization`. */
const OPSET = 17;

/** An array that is stored in the file under a name; `int8` is what quantisation makes. */
export type Initializer = { shape: number[]; type: ElementType | 'int8' | 'uint8'; values: ArrayBufferView };

type EncodeOptions = {
  /** an input of shape `[batch, sequence]`, from which the sizes are read when the graph runs */
  sizesFrom: string;
  /** inputs of the trace that are stored in the file instead, by name */
  weights?: ReadonlyMap<string, Initializer>;
  producer?: string;
};

/**
 * Writes a traced graph as an ONNX file. A prologue of five nodes reads batch and sequence from an input's shape and
 * computes, as one product of integers, every shape and bound that follows them.
 */
export function encodeOnnx(graph: DynamicGraph, { sizesFrom, weights = new Map(), producer = 'ticketwise' }: EncodeOptions): Uint8Array {
  const fixed = graph.vectors.filter(({ elements }) => elements.every(([, b, c, d]) => b === 0 && c === 0 && d === 0));
  const varying = graph.vectors.filter((vector) => !fixed.includes(vector));
  const initializers = new Map<string, Initializer>(weights);
  for (const { name, type, shape, values } of graph.constants) initializers.set(name, { type, shape, values });
  for (const { name, elements } of fixed) initializers.set(name, int64(elements.map(([a]) => a)));
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: producer,
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(OPSET) }),
      create(OperatorSetIdProtoSchema, { domain: 'com.microsoft', version: 1n }),
    ],
    graph: create(GraphProtoSchema, {
      name: producer,
      node: [...prologue(sizesFrom, varying, initializers), ...graph.nodes].map(nodeProto),
      initializer: [...initializers].map(([name, { shape, type, values }]) =>
        create(TensorProtoSchema, {
          name,
          dims: shape.map(BigInt),
          dataType: DATA_TYPE[type],
          rawData: new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength),
        }),
      ),
      input: graph.inputs.filter(({ name }) => !weights.has(name)).map(portProto),
      output: graph.outputs.map(portProto),
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

const DATA_TYPE = { ...ONNX_TYPE, uint8: 2, int8: 3 } as const;

function int64(values: number[]): Initializer {
  return { type: 'int64', shape: [values.length], values: BigInt64Array.from(values, BigInt) };
}

/** `[1, B, S, BS]` times the coefficients, split into the vectors. */
function prologue(sizesFrom: string, varying: DynamicGraph['vectors'], initializers: Map<string, Initializer>): Node[] {
  if (varying.length === 0) return [];
  const elements = varying.flatMap((vector) => vector.elements);
  const coefficients = [0, 1, 2, 3].flatMap((k) => elements.map((element) => element[k] ?? 0));
  initializers.set('sizes:one', int64([1]));
  initializers.set('sizes:coefficients', { ...int64(coefficients), shape: [4, elements.length] });
  initializers.set('sizes:lengths', int64(varying.map((vector) => vector.elements.length)));
  const node = (op: string, inputs: string[], outputs: string[], attributes: Node['attributes'] = {}): Node => ({
    op,
    domain: '',
    inputs,
    outputs,
    attributes,
  });
  return [
    node('Shape', [sizesFrom], ['sizes:shape']),
    node('ReduceProd', ['sizes:shape'], ['sizes:product'], { axes: [0], keepdims: 1 }),
    node('Concat', ['sizes:one', 'sizes:shape', 'sizes:product'], ['sizes:basis'], { axis: 0 }),
    node('MatMul', ['sizes:basis', 'sizes:coefficients'], ['sizes:integers']),
    node(
      'Split',
      ['sizes:integers', 'sizes:lengths'],
      varying.map((vector) => vector.name),
      { axis: 0 },
    ),
  ];
}

function nodeProto({ op, domain, inputs, outputs, attributes }: Node): NodeProto {
  return create(NodeProtoSchema, {
    opType: op,
    domain,
    name: outputs[0] ?? op,
    input: inputs,
    output: outputs,
    attribute: Object.entries(attributes).map(([name, value]) => create(AttributeProtoSchema, { name, ...attributeValue(value) })),
  });
}

function attributeValue(value: Attribute) {
  if (typeof value === 'number') return { type: AttributeProto_AttributeType.INT, i: BigInt(value) };
  if (typeof value === 'string') return { type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) };
  return { type: AttributeProto_AttributeType.FLOAT, f: value.float };
}

function portProto({ name, type, shape, sequence }: DynamicGraph['outputs'][number]) {
  const dim = shape.map((d) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof d === 'number' ? { case: 'dimValue', value: BigInt(d) } : { case: 'dimParam', value: d },
    }),
  );
  const tensor = create(TypeProto_TensorSchema, { elemType: ONNX_TYPE[type], shape: create(TensorShapeProtoSchema, { dim }) });
  const ofTensor = create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } });
  if (sequence === undefined) return create(ValueInfoProtoSchema, { name, type: ofTensor });
  const value = create(TypeProto_SequenceSchema, { elemType: ofTensor });
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'sequenceType', value } }) });
}
