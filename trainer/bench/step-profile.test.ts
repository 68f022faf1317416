import { describe, expect, test } from 'vitest';
import type { NodeRun } from '../training/profile.ts';
import { SHAPES } from './shapes.ts';
import { flopsOfProducts, spentIn, tableOfProfiles } from './step-profile.ts';

const node = (op: string, microseconds: number): NodeRun => ({ name: op, op, provider: 'CPUExecutionProvider', microseconds });
const step = (product: number, other: number) => [node('Gemm', product), node('Add', other), node('FusedMatMul', 2 * product)];

describe('spentIn', () => {
  test('is the median of the steps after the first', () => {
    const nodes = [step(9e6, 9e6), step(1000, 500), step(2000, 700), step(3000, 600)].flat();
    expect(spentIn(nodes, 4)).toEqual({ products: 6, others: 0.6 });
  });

  test('refuses nodes that are no whole steps', () => {
    expect(() => spentIn([...step(1, 1), node('Add', 1)], 3)).toThrow('4 nodes are not 3 steps');
  });
});

describe('flopsOfProducts', () => {
  const config = { ...SHAPES['MiniLM-L6'], hidden_size: 10, intermediate_size: 20, num_hidden_layers: 3 };

  test('six operations for each token and weight, and the attention', () => {
    expect(flopsOfProducts({ ...config, pooling: 'mean' }, 2, 5)).toBe(6 * 10 * 3 * (4 * 100 + 2 * 200 + 2 * 5 * 10));
  });

  test.each(['cls', 'attention'] as const)('where %s is pooled, the last layer for one state of each message', (pooling) => {
    const ofStates = 2 * 100 + 2 * 200 + 2 * 5 * 10;
    expect(flopsOfProducts({ ...config, pooling }, 2, 5)).toBe(6 * (10 * 3 * 2 * 100 + (2 * 10 + 2) * ofStates));
  });
});

test('the table gives the shares, and what lies beside the graph', () => {
  const table = tableOfProfiles([{ batch: 32, sequence: 16, step: 160, products: 120, others: 32, rate: 200.4, most: 220.6 }], 2);
  expect(table.rows).toEqual([['32 x 16', '160 ms', '120 ms, 75 %', '32 ms, 20 %', '8 ms, 5 %', '200', '221']]);
});
