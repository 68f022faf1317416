import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node';
import { messageOf } from '../../errors.ts';
import type { DynamicGraph } from '../tracer/trace.ts';

/** The output that a graph of {@link returningNothing} has before its own. */
const STOP = 'returns_nothing';
const REFUSAL = 'Non tensor type is temporarily not supported';

/**
 * A graph for {@link runInto}. onnxruntime-node 1.30 writes into the tensors that it is given for outputs, and then returns a
 * copy of each all the same: for the gradients of MiniLM 43 MB a step, and a garbage collection at every one. It converts
 * outputs in the order of the file and refuses the first that is no tensor; so a sequence goes before them.
 */
export function returningNothing(graph: DynamicGraph): DynamicGraph {
  const [first] = graph.outputs;
  if (first === undefined) throw new Error('a graph without outputs has nothing to return');
  return {
    ...graph,
    nodes: [...graph.nodes, { op: 'SequenceConstruct', domain: '', inputs: [first.name], outputs: [STOP], attributes: {} }],
    outputs: [{ ...first, name: STOP, sequence: true }, ...graph.outputs],
  };
}

/**
 * Runs a graph of {@link returningNothing} into tensors of the caller's own. Should a later onnxruntime-node return
 * sequences, the results are the same, and the copies are back.
 */
export async function runInto(session: InferenceSession, feeds: Record<string, OnnxValue>, outputs: Record<string, Tensor>): Promise<void> {
  try {
    await session.run(feeds, { [STOP]: null, ...outputs });
  } catch (error) {
    if (!messageOf(error).includes(REFUSAL)) throw error;
  }
}
