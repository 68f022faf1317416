import type { Node, Port } from './graph.ts';

/**
 * Rewrites that ONNX Runtime does not do by itself: a sum of all squares becomes one node that keeps none of them, and
 * nodes that no output needs are left out.
 */
export function simplify(nodes: Node[], outputs: Port[]): Node[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const rewritten = nodes.map((node) => {
    const square = node.op === 'ReduceSum' && node.inputs.length === 1 ? producers.get(node.inputs[0] ?? '') : undefined;
    const [factor, other] = square?.op === 'Mul' ? square.inputs : [];
    if (factor === undefined || factor !== other) return node;
    return { ...node, op: 'ReduceSumSquare', inputs: [factor] };
  });
  const needed = new Set(outputs.map((output) => output.name));
  const kept: Node[] = [];
  for (const node of rewritten.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    kept.push(node);
  }
  return kept.toReversed();
}
