import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { messageOf, TicketwiseError } from '../../errors.ts';
import { agrees, placementOf, TINY, TYPICAL, tryStep } from './device-trial.ts';
import { isMatrixProduct, profiled } from './profile.ts';
import { createResidentStep } from './resident-step.ts';
import { type CreateStep, createTrainingStep } from './step.ts';
import { createTfjsStep, loadTensorFlow, TFJS_PACKAGES } from './tfjs-step.ts';

/** What `--device` takes. */
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda', 'tfjs'] as const;
export type WantedDevice = (typeof DEVICES)[number];
export type DeviceName = Exclude<WantedDevice, 'auto'>;

/** A device that can train. */
export type Device = {
  name: DeviceName;
  /** one line: what it is, and why it was taken */
  why: string;
  createStep: CreateStep;
};

/** The processor, which always can. */
export const CPU: Device = { name: 'cpu', why: 'ONNX Runtime on cpu', createStep: createTrainingStep };

/** What can be known of a host without trying it. */
export type Host = { cudaProvider: boolean; gpu: boolean; tensorFlowGpu: boolean };

/**
 * Reads `--device`.
 * @throws `bad_usage`
 */
export function parseDevice(value: string): WantedDevice {
  const known = DEVICES.find((device) => device === value);
  if (known === undefined) throw new TicketwiseError('bad_usage', `The device "${value}" is not one of ${DEVICES.join(', ')}.`);
  return known;
}

/**
 * Opens the device to train on. `auto` tries what the host may have and takes the quickest that computes the same as the
 * processor: so no software renderer, and no GPU that copying starves. A device that is asked for by name is tried on a
 * tiny model.
 * @throws `bad_config` naming what is missing and the command that adds it, when the device asked for cannot run here
 */
export async function chooseDevice(wanted: WantedDevice, host: Host = inspectHost()): Promise<Device> {
  if (wanted === 'cpu') return CPU;
  if (wanted !== 'auto') return openDevice(wanted, host);
  const names = candidates(host);
  if (names.length === 0) return { ...CPU, why: `${CPU.why}, for no GPU was found that it could use` };
  const base = (await tryStep(CPU.createStep, TYPICAL, availableParallelism())).milliseconds;
  const contest: Contestant[] = [];
  for (const name of names) {
    try {
      const device = await openDevice(name, host);
      contest.push({ device, milliseconds: (await tryStep(device.createStep, TYPICAL, availableParallelism(), base)).milliseconds });
    } catch (error) {
      contest.push({ name, failure: messageOf(error) });
    }
  }
  return quickest(contest, base);
}

/** The devices that are worth a trial on a host. */
export function candidates({ cudaProvider, gpu, tensorFlowGpu }: Host): Exclude<DeviceName, 'cpu'>[] {
  return [
    ...(cudaProvider ? (['cuda'] as const) : []),
    ...(gpu ? (['webgpu'] as const) : []),
    ...(tensorFlowGpu ? (['tfjs'] as const) : []),
  ];
}

type Contestant = { device: Device; milliseconds: number } | { name: DeviceName; failure: string };

/**
 * The device that needs least time for a step, and why.
 * @param base time of the processor for the same step, in ms
 */
export function quickest(contest: readonly Contestant[], base: number): Device {
  const ran = contest.filter((entry) => 'device' in entry).sort((a, b) => a.milliseconds - b.milliseconds);
  const [best] = ran;
  const ms = (milliseconds: number) => `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
  if (best !== undefined && best.milliseconds < base)
    return { ...best.device, why: `${best.device.why}: ${ms(best.milliseconds)} for a step that takes cpu ${ms(base)}` };
  const others = contest.map((entry) =>
    'device' in entry
      ? `${entry.device.name} takes ${ms(entry.milliseconds)} for a step`
      : `${entry.name} cannot run: ${entry.failure.split('\n')[0]}`,
  );
  return { ...CPU, why: `${CPU.why}: ${ms(base)} for a step; ${others.join(', ')}` };
}

async function openDevice(name: Exclude<DeviceName, 'cpu'>, host: Host): Promise<Device> {
  return name === 'tfjs' ? openTfjs() : openProvider(name, host);
}

/** Tries a provider of ONNX Runtime: that it computes what the processor computes, and leaves it none of the products. */
async function openProvider(provider: 'webgpu' | 'cuda', { cudaProvider }: Host): Promise<Device> {
  if (provider === 'cuda' && !cudaProvider)
    throw new TicketwiseError(
      'bad_config',
      'The device cuda cannot run here: the CUDA provider of ONNX Runtime is not installed. On Linux x64 with an NVIDIA driver, CUDA 12 and cuDNN 9, add it with\n  ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js',
    );
  const createStep =
    (profile?: string): CreateStep =>
    (config, heads, parameters, options) =>
      provider === 'webgpu'
        ? createResidentStep(config, heads, parameters, options, profile)
        : createTrainingStep(config, heads, parameters, options, { provider, ...(profile === undefined ? {} : { profile }) });
  const threads = availableParallelism();
  const expected = await tryStep(CPU.createStep, TINY, threads);
  const { result, nodes } = await profiled((prefix) => tryStep(createStep(prefix), TINY, threads)).catch((cause: unknown) => {
    // ONNX Runtime puts the place in its source before what happened.
    throw cannotRun(
      provider,
      messageOf(cause)
        .replace(/^.* was false\. /s, '')
        .trim(),
      cause,
    );
  });
  const placement = placementOf(nodes, provider);
  const products = placement.elsewhere.filter(isMatrixProduct);
  if (products.length > 0) throw cannotRun(provider, `ONNX Runtime leaves ${products.join(' and ')} to the processor`);
  if (!agrees(expected, result)) throw cannotRun(provider, `it computes other losses (${result.losses}) than cpu (${expected.losses})`);
  const why = `ONNX Runtime on ${provider}, ${placement.there} of ${placement.all} nodes`;
  return { name: provider, why, createStep: createStep() };
}

const REMEDIES = {
  webgpu:
    "WebGPU needs a GPU with a driver: on Linux the Vulkan loader and the vendor's driver, by\n  apt-get install libvulkan1 mesa-vulkan-drivers\n(NVIDIA's driver brings its own). docs/devices.md says more.",
  cuda: 'CUDA needs an NVIDIA driver, CUDA 12 and cuDNN 9 where the loader finds them, for instance by\n  apt-get install cuda-toolkit-12-9 libcudnn9-cuda-12\ndocs/devices.md says more.',
} as const;

function cannotRun(provider: 'webgpu' | 'cuda', what: string, cause?: unknown): TicketwiseError {
  return new TicketwiseError('bad_config', `The device ${provider} cannot run here: ${what}. ${REMEDIES[provider]}`, { cause });
}

async function openTfjs(): Promise<Device> {
  const found = await loadTensorFlow();
  if ('failures' in found)
    throw new TicketwiseError(
      'bad_config',
      `The device tfjs cannot run here: TensorFlow is not installed, or cannot be loaded (${found.failures.join('; ')}). Add it with\n  npm install --no-save @tensorflow/tfjs-node-gpu\non a host with CUDA 11.2 and cuDNN 8, or without a GPU\n  npm install --no-save @tensorflow/tfjs-node`,
    );
  const createStep: CreateStep = (config, heads, parameters, options) => createTfjsStep(config, heads, parameters, options, found.backend);
  const threads = availableParallelism();
  const [expected, result] = [await tryStep(CPU.createStep, TINY, threads), await tryStep(createStep, TINY, threads)];
  if (!agrees(expected, result))
    throw new TicketwiseError('bad_config', `The device tfjs cannot run here: ${found.package} computes other losses than cpu.`);
  return { name: 'tfjs', why: `TensorFlow by ${found.package}`, createStep };
}

/** Looks at what is installed; a GPU shows as a device file on Linux, and is taken for granted elsewhere. */
export function inspectHost(): Host {
  const require = createRequire(import.meta.url);
  const runtime = path.dirname(require.resolve('onnxruntime-node/package.json'));
  const library = process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  return {
    cudaProvider: existsSync(path.join(runtime, 'bin', 'napi-v6', process.platform, process.arch, library)),
    gpu: process.platform !== 'linux' || hasDeviceFile(),
    tensorFlowGpu: isInstalled(require, TFJS_PACKAGES[0]),
  };
}

function hasDeviceFile(): boolean {
  if (existsSync('/dev/nvidia0') || existsSync('/dev/dxg')) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((file) => file.startsWith('renderD'));
}

function isInstalled(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
