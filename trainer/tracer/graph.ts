/** Element types of the ONNX tensors that a trace makes. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

/** An ONNX attribute: an integer, integers, text, or a float (wrapped, since JavaScript cannot tell 1 from 1.0). */
export type Attribute = number | number[] | string | { float: number };

export type Node = { op: string; domain: string; inputs: string[]; outputs: string[]; attributes: Record<string, Attribute> };

/** A constant array that is the same whatever the sizes. */
export type Constant = { name: string; type: ElementType; shape: number[]; values: Float32Array | Int32Array | Uint8Array };

/** A vector of integers (a shape, bounds of a slice): the constants that may depend on the sizes. */
export type Integers = { name: string; values: number[] };

export type Port = { name: string; type: ElementType; shape: number[] };

/** What one run of a function on the tracing backend appended. Nodes stand in an order in which they can be run. */
export type Graph = {
  nodes: Node[];
  constants: Constant[];
  integers: Integers[];
  inputs: Port[];
  outputs: Port[];
  /** how many names were given, which makes the next one unique */
  named: number;
};

export function emptyGraph(): Graph {
  return { nodes: [], constants: [], integers: [], inputs: [], outputs: [], named: 0 };
}

/** A name that nothing in the graph has. Equal functions get equal names, so that traces can be compared. */
export function freshName(graph: Graph, prefix: string): string {
  graph.named += 1;
  return `${prefix}_${graph.named}`;
}

/** Appends a node and returns the names of its outputs. */
export function appendNode(
  graph: Graph,
  op: string,
  inputs: string[],
  attributes: Record<string, Attribute> = {},
  { domain = '', outputs = 1 }: { domain?: string; outputs?: number } = {},
): [string, ...string[]] {
  const first = freshName(graph, op);
  const names: [string, ...string[]] = [first, ...Array.from({ length: outputs - 1 }, () => freshName(graph, op))];
  graph.nodes.push({ op, domain, inputs, outputs: names, attributes });
  return names;
}

/** Appends a vector of integers (int64) and returns its name. */
export function appendIntegers(graph: Graph, values: number[]): string {
  const name = freshName(graph, 'integers');
  graph.integers.push({ name, values });
  return name;
}

/** Appends a constant array and returns its name. */
export function appendConstant(graph: Graph, constant: Omit<Constant, 'name'>): string {
  const name = freshName(graph, 'constant');
  graph.constants.push({ ...constant, name });
  return name;
}

/**
 * Gives a value of the graph its name as an output. The node that makes it writes under that name at once;
 * what no node makes, or what is an output already, passes through an `Identity`.
 */
export function appendOutput(graph: Graph, value: string, port: Port): void {
  const producer = graph.nodes.find((node) => node.outputs.includes(value));
  if (producer === undefined || graph.outputs.some((output) => output.name === value)) {
    graph.nodes.push({ op: 'Identity', domain: '', inputs: [value], outputs: [port.name], attributes: {} });
  } else {
    const rename = (name: string) => (name === value ? port.name : name);
    for (const node of graph.nodes) {
      node.inputs = node.inputs.map(rename);
      node.outputs = node.outputs.map(rename);
    }
  }
  graph.outputs.push(port);
}
