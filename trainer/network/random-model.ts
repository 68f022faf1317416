import { PROBE_HEADS, type Probe, probeConfig } from '../training/device-trial.ts';
import type { BertConfig, Shape } from './bert-config.ts';
import { allocateParameters, type Parameters } from './parameters.ts';

/** Every way in which a recipe shapes the network. */
export const SHAPES: Pick<BertConfig, 'pooling' | 'head'>[] = [
  { pooling: 'mean', head: 'linear' },
  { pooling: 'cls', head: 'linear' },
  { pooling: 'attention', head: 'cosine' },
  { pooling: 'mean', head: 'cosine' },
];

/** A tiny model whose every number is drawn, biases and normalisation included, so that none hides behind a 0 or a 1. */
export function randomModel(probe: Probe, shape: Shape, random: () => number): { config: BertConfig; parameters: Parameters } {
  const config = { ...probeConfig(probe), ...shape };
  const parameters = allocateParameters(config, PROBE_HEADS, probe.rows * probe.sequence);
  for (const { name, values } of [...parameters.dense, parameters.words]) {
    const centre = name.endsWith('LayerNorm.weight') ? 1 : 0;
    for (let i = 0; i < values.length; i++) values[i] = centre + 0.4 * (random() - 0.5);
  }
  return { config, parameters };
}

/** Numbers between -1 and 1. */
export function randomFloats(count: number, random: () => number): Float32Array {
  return Float32Array.from({ length: count }, () => 2 * random() - 1);
}

/** Largest difference of two arrays, as a share of the largest magnitude of the first (of 1 where that is smaller). */
export function distance(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  if (expected.length !== actual.length) throw new Error(`expected ${expected.length} numbers, got ${actual.length}`);
  let [largest, apart] = [1, 0];
  for (let i = 0; i < expected.length; i++) {
    const [e = Number.NaN, a = Number.NaN] = [expected[i], actual[i]];
    if (Number.isNaN(e - a)) return Number.NaN;
    largest = Math.max(largest, Math.abs(e));
    apart = Math.max(apart, Math.abs(e - a));
  }
  return apart / largest;
}
