import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';

/** One run of a node, as ONNX Runtime's profile tells it. */
export type NodeRun = { name: string; op: string; provider: string; microseconds: number };

const schema = z.array(
  z.looseObject({
    cat: z.string(),
    name: z.string(),
    dur: z.number().default(0),
    args: z.looseObject({ provider: z.string().optional(), op_name: z.string().optional() }).optional(),
  }),
);

/** The nodes of a profile, in the order in which they ran; what else it tells is left out. */
export function nodesOf(profile: unknown): NodeRun[] {
  return schema
    .parse(profile)
    .flatMap(({ cat, name, dur, args }) =>
      cat === 'Node' && args?.provider !== undefined && args.op_name !== undefined
        ? [{ name, op: args.op_name, provider: args.provider, microseconds: dur }]
        : [],
    );
}

/** Whether an operator is a product of matrices, in the words of ONNX and of ONNX Runtime. */
export function isMatrixProduct(op: string): boolean {
  return op.includes('MatMul') || op === 'Gemm';
}

/** Runs something that profiles into files whose names begin with the prefix that it is given, and returns the nodes that ran. */
export async function profiled<T>(run: (prefix: string) => Promise<T>): Promise<{ result: T; nodes: NodeRun[] }> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'ticketwise-profile-'));
  try {
    const result = await run(path.join(scratch, 'profile'));
    const profiles = await Promise.all((await readdir(scratch)).map((file) => readFile(path.join(scratch, file), 'utf8')));
    return { result, nodes: profiles.flatMap((profile) => nodesOf(JSON.parse(profile))) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
