import type { DynamicGraph } from '../tracer/trace.ts';

/** The rewrite of ONNX Runtime that would undo {@link transposeAhead}. */
export const GEMM_TRANSPOSE_FUSION = 'GemmTransposeFusion';

/**
 * A graph whose products of two matrices find their first operand as it is multiplied. ONNX Runtime's processor kernel
 * transposes it panel by panel, which is slower than a `Transpose` of its own before. The gradient of every
 * weight is such a product.
 */
export function transposeAhead(graph: DynamicGraph): DynamicGraph {
  const transposed = new Map<string, string>();
  const nodes = graph.nodes.flatMap((node) => {
    const [first, ...others] = node.inputs;
    if (node.op !== 'Gemm' || node.attributes.transA !== 1 || first === undefined) return [node];
    const product = {
      ...node,
      inputs: [transposed.get(first) ?? `transposed:${first}`, ...others],
      attributes: { ...node.attributes, transA: 0 },
    };
    if (transposed.has(first)) return [product];
    transposed.set(first, `transposed:${first}`);
    return [{ op: 'Transpose', domain: '', inputs: [first], outputs: [`transposed:${first}`], attributes: { perm: [1, 0] } }, product];
  });
  return { ...graph, nodes };
}
