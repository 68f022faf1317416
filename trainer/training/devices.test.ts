import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { placementOf } from './device-trial.ts';
import { CPU, candidates, chooseDevice, type Device, inspectHost, parseDevice, quickest } from './devices.ts';
import { nodesOf } from './profile.ts';

const NOTHING = { cudaProvider: false, gpu: false, tensorFlowGpu: false };

describe('parseDevice', () => {
  it.each(['auto', 'cpu', 'webgpu', 'cuda', 'tfjs'])('takes %s', (name) => expect(parseDevice(name)).toBe(name));
  it.each(['gpu', '', 'CUDA'])('refuses "%s" and names those that there are', (name) =>
    expect(() => parseDevice(name)).toThrow('is not one of auto, cpu, webgpu, cuda, tfjs'),
  );
});

describe('candidates', () => {
  it.each([
    [NOTHING, []],
    [{ ...NOTHING, gpu: true }, ['webgpu']],
    [{ ...NOTHING, gpu: true, cudaProvider: true }, ['cuda', 'webgpu']],
    [{ cudaProvider: true, gpu: true, tensorFlowGpu: true }, ['cuda', 'webgpu', 'tfjs']],
  ])('of %o are %o', (host, names) => expect(candidates(host)).toEqual(names));
});

describe('quickest', () => {
  const device = (name: 'cuda' | 'webgpu'): Device => ({ name, why: `ONNX Runtime on ${name}`, createStep: CPU.createStep });
  const ran = (name: 'cuda' | 'webgpu', milliseconds: number) => ({ device: device(name), milliseconds });
  it.each([
    ['a GPU that beats the processor', [ran('webgpu', 9)], 'webgpu', 'ONNX Runtime on webgpu: 9.0 ms for a step that takes cpu 60 ms'],
    ['the quicker of two', [ran('webgpu', 9), ran('cuda', 4)], 'cuda', '4.0 ms for a step'],
    ['not a software renderer', [ran('webgpu', 4000)], 'cpu', 'ONNX Runtime on cpu: 60 ms for a step; webgpu takes 4000 ms for a step'],
    ['not what cannot run', [{ name: 'cuda' as const, failure: 'no driver' }], 'cpu', 'cuda cannot run: no driver'],
    ['what runs beside what cannot', [{ name: 'cuda' as const, failure: 'no driver' }, ran('webgpu', 9)], 'webgpu', '9.0 ms'],
  ])('takes %s', (_, contest, name, why) => {
    const chosen = quickest(contest, 60);
    expect(chosen.name).toBe(name);
    expect(chosen.why).toContain(why);
  });
});

describe('chooseDevice', () => {
  it('takes the processor for auto where there is nothing else', async () => {
    expect(await chooseDevice('auto', NOTHING)).toMatchObject({ name: 'cpu', why: expect.stringContaining('no GPU was found') });
  });

  it('takes the processor when it is asked for, whatever there is', async () => {
    expect((await chooseDevice('cpu', { cudaProvider: true, gpu: true, tensorFlowGpu: true })).name).toBe('cpu');
  });

  it('says how to add the CUDA provider', async () => {
    await expect(chooseDevice('cuda', NOTHING)).rejects.toMatchObject({
      code: 'bad_config',
      message: expect.stringContaining('ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js'),
    });
  });

  it.skipIf(inspectHost().cudaProvider)('says what CUDA needs when its provider cannot be loaded', async () => {
    await expect(chooseDevice('cuda', { ...NOTHING, cudaProvider: true })).rejects.toThrow(
      /cuda cannot run here: .*CUDA needs an NVIDIA driver/s,
    );
  });

  it.skipIf(inspectHost().gpu)('says what WebGPU needs where there is no GPU', async () => {
    await expect(chooseDevice('webgpu', NOTHING)).rejects.toThrow(/webgpu cannot run here: .*apt-get install libvulkan1/s);
  });

  it.skipIf(inspectHost().tensorFlowGpu)('says how to add TensorFlow', async () => {
    await expect(chooseDevice('tfjs', NOTHING)).rejects.toThrow('npm install --no-save @tensorflow/tfjs-node-gpu');
  });
});

it('reads from a profile what was left to the processor, sizes and copies aside', () => {
  const node = (name: string, op_name: string, provider: string) => ({ cat: 'Node', name, args: { op_name, provider }, ts: 1 });
  const profile = [
    { cat: 'Session', name: 'model_run', ts: 0 },
    node('Gemm_1_kernel_time', 'Gemm', 'WebGpuExecutionProvider'),
    node('Add_2_kernel_time', 'Add', 'WebGpuExecutionProvider'),
    node('FusedMatMul_3_kernel_time', 'FusedMatMul', 'CPUExecutionProvider'),
    node('sizes:integers_kernel_time', 'MatMul', 'CPUExecutionProvider'),
    node('integers_5_kernel_time', 'Split', 'CPUExecutionProvider'),
    node('Memcpy_kernel_time', 'MemcpyToHost', 'WebGpuExecutionProvider'),
  ];
  expect(placementOf(nodesOf(profile), 'webgpu')).toEqual({ there: 2, all: 3, elsewhere: ['FusedMatMul'] });
  expect(placementOf(nodesOf(profile), 'cuda')).toEqual({ there: 0, all: 3, elsewhere: ['Add', 'FusedMatMul', 'Gemm'] });
});

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Compares WebGPU with the processor, in a process of its own, since Vulkan is found through its environment: the gradients
 * of one step, and parameters and moments after three steps that keep them on the device, but for one pause.
 */
const COMPARISON = `
import { PROBE_HEADS, probeBatch, TINY } from './trainer/training/device-trial.ts';
import { chooseDevice, CPU } from './trainer/training/devices.ts';
import { seededRandom } from './trainer/training/random.ts';
import { distance, randomModel } from './trainer/network/random-model.ts';
import { createTrainingStep } from './trainer/training/step.ts';
const device = await chooseDevice('webgpu');
const copying = (...args) => createTrainingStep(...args, { provider: 'webgpu' });
async function train(createStep, rate, sittings) {
  const { config, parameters } = randomModel(TINY, { pooling: 'attention', head: 'cosine' }, seededRandom(2));
  const rateOf = (name) => (name.startsWith('intent_head') ? 3 : 1);
  const options = { dropout: 0.1, labelSmoothing: 0, weightDecay: 0.05, clip: 0.5, threads: 1, rateOf };
  const told = [];
  let [updatesBefore, state] = [0, undefined];
  for (const sizes of sittings) {
    const random = seededRandom(3);
    const step = await createStep(config, PROBE_HEADS, parameters, { ...options, random, updatesBefore });
    random.state = state ?? random.state;
    for (const [rows, sequence] of sizes) {
      const { loss, gradientNorm } = await step.run(probeBatch({ ...TINY, rows, sequence }, seededRandom(rows)), rate);
      told.push(loss, gradientNorm);
    }
    updatesBefore += sizes.length;
    state = random.state;
    await step.settle();
    await step.dispose();
  }
  return { told, parameters: [parameters.words, ...parameters.dense] };
}
function apart(cpu, gpu, part) {
  const ofParameters = cpu.parameters.map((parameter, i) => [parameter.name, distance(parameter[part], gpu.parameters[i][part])]);
  return [['losses and norms', distance(cpu.told, gpu.told)], ...ofParameters];
}
const once = [[[4, 6]]];
const gradients = apart(await train(CPU.createStep, 0, once), await train(copying, 0, once), 'gradient');
const throughout = await train(CPU.createStep, 1e-3, [[[4, 6], [1, 2], [4, 6]]]);
const paused = await train(device.createStep, 1e-3, [[[4, 6], [1, 2]], [[4, 6]]]);
const values = apart(throughout, paused, 'values');
const moments = ['first', 'second'].flatMap((part) =>
  throughout.parameters.map((parameter, i) => {
    const largest = parameter[part].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const [cpu, gpu] = [parameter[part], paused.parameters[i][part]].map((moment) => moment.map((value) => value / largest));
    return [part + ' ' + parameter.name, distance(cpu, gpu)];
  }),
);
console.log(JSON.stringify({ why: device.why, gradients, values, moments }));
`;

describe('webgpu', () => {
  const missing = existsSync(SWIFTSHADER) ? '' : ` (skipped: no ${SWIFTSHADER}, which Debian's chromium brings)`;
  it.skipIf(missing !== '')(`trains on SwiftShader as on the processor${missing}`, { timeout: 240_000 }, async () => {
    const env = { ...process.env, VK_ICD_FILENAMES: SWIFTSHADER, LD_LIBRARY_PATH: '/usr/lib/chromium' };
    const args = ['--import', 'tsx', '--input-type=module', '--eval', COMPARISON];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: `${import.meta.dirname}/../..`, env });
    const { why, gradients, values, moments } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
      why: string;
      gradients: [string, number][];
      values: [string, number][];
      moments: [string, number][];
    };
    expect(why).toMatch(/^ONNX Runtime on webgpu, (\d+) of \1 nodes$/);
    expect([gradients.length, values.length, moments.length]).toEqual([42, 42, 82]);
    for (const [name, distance] of gradients) expect(distance, `gradient of ${name}`).toBeLessThan(1e-3);
    // AdamW turns a gradient of nothing but rounding into a whole step of either sign: three of up to 3e-3
    for (const [name, distance] of values)
      expect(distance, `${name} after three steps`).toBeLessThan(name.endsWith('.key.bias') ? 2e-2 : 1e-3);
    for (const [name, distance] of moments) if (!name.endsWith('.key.bias')) expect(distance, `${name}`).toBeLessThan(1e-3);
  });
});
