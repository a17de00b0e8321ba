import * as tf from '@tensorflow/tfjs';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { EngineName } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { eagerFunction } from './eager.ts';
import type { Engine } from './engine.ts';
import { engineFolder } from './install.ts';
import { said, t } from '../../text/say.ts';

export type TensorFlowName = Extract<EngineName, 'tensorflow' | 'tensorflow_gpu'>;

const packages: Record<TensorFlowName, string> = {
  tensorflow: '@tensorflow/tfjs-node',
  tensorflow_gpu: '@tensorflow/tfjs-node-gpu',
};

/**
 * TensorFlow's own kernels through the package beside the trainer, or the one that `tandem engine install` put into its folder.
 * HumanError `engine_missing` when it is not there, `engine_broken` when it does not load.
 */
export async function createTensorFlowEngine(name: TensorFlowName, why: string): Promise<Engine> {
  const binding = loadPackage(name);
  tf.enableProdMode();
  adopt(binding);
  await tf.setBackend('tensorflow');
  const gpu = name === 'tensorflow_gpu' && isUsingGpu(binding);
  if (name === 'tensorflow_gpu' && !gpu)
    throw new HumanError(
      said('{0} loads, but TensorFlow finds no GPU.', packages[name]),
      said('Install an NVIDIA driver with CUDA 11.2 and cuDNN 8.1, or set train.engine to onnx.'),
      'engine_broken',
    );
  return {
    name,
    provider: null,
    device: gpu ? 'GPU:0' : 'cpu',
    threads: availableParallelism(),
    why,
    measured: [],
    leftToProcessor: new Map(),
    compile: async (fn, specs, into) => eagerFunction('tensorflow', fn, specs, into),
    openDevice: null,
    dispose() {},
  };
}

/** What of tfjs-node is used: its own copy of TensorFlow.js, with the native backend registered. */
interface TensorFlowPackage {
  version: Record<string, string>;
  engine(): { registryFactory: Record<string, { factory: () => tf.KernelBackend }> };
  getKernelsForBackend(name: string): tf.KernelConfig[];
  backend(): { isUsingGpuDevice?: boolean };
}

/** The package, or a HumanError that says exactly why not. */
export function loadPackage(name: TensorFlowName): TensorFlowPackage {
  supplyRemovedUtilities();
  const packageName = packages[name];
  const places = [import.meta.url, join(engineFolder(name), 'package.json')];
  const failures: string[] = [];
  for (const place of places) {
    const require = createRequire(place);
    let file: string;
    try {
      file = require.resolve(packageName);
    } catch {
      continue; // not in this place
    }
    // Loading the package is loud and leaves its own copy of TensorFlow.js behind, also when it fails.
    if (!hasBinding(file)) {
      failures.push(t('{0}: its native part was not installed', file));
      continue;
    }
    try {
      return quietly(() => require(file) as TensorFlowPackage);
    } catch (error) {
      failures.push(`${file}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  if (failures.length > 0)
    throw new HumanError(
      said('{0} does not load ({1}).', packageName, failures.join('; ')),
      said('Run "tandem engine install {0}" again, or set train.engine to onnx.', name),
      'engine_broken',
    );
  throw new HumanError(
    said('{0} is not installed.', packageName),
    said('Run "tandem engine install {0}", or set train.engine to onnx.', name),
    'engine_missing',
  );
}

/** Whether `lib/napi-v8/tfjs_binding.node` (or another version's) lies beside the package's `dist/index.js`. */
function hasBinding(file: string): boolean {
  const lib = join(dirname(dirname(file)), 'lib');
  return (
    existsSync(lib) && readdirSync(lib).some((folder) => existsSync(join(lib, folder, 'tfjs_binding.node')))
  );
}

/** Two copies of TensorFlow.js warn once per kernel that the other has it already. */
function quietly<T>(load: () => T): T {
  const { warn } = console;
  console.warn = (...parts: unknown[]) => {
    if (!/already (been set|registered)|Reusing existing backend/.test(String(parts[0]))) warn(...parts);
  };
  try {
    return load();
  } finally {
    console.warn = warn;
  }
}

/** Registers the package's backend and kernels with our copy of TensorFlow.js, unless it uses the same copy. */
function adopt(binding: TensorFlowPackage): void {
  if (tf.findBackendFactory('tensorflow')) return;
  const factory = binding.engine().registryFactory['tensorflow']?.factory;
  if (!factory)
    throw new HumanError(
      said('The package has no TensorFlow backend.'),
      said('Install it again.'),
      'engine_broken',
    );
  tf.registerBackend('tensorflow', factory);
  for (const kernel of binding.getKernelsForBackend('tensorflow')) tf.registerKernel(kernel);
}

function isUsingGpu(binding: TensorFlowPackage): boolean {
  return binding.backend().isUsingGpuDevice === true;
}

/** tfjs-node 4.22 calls functions of `util` that Node 23 removed. */
function supplyRemovedUtilities(): void {
  const util = createRequire(import.meta.url)('util') as Record<string, unknown>;
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
    isString: (value) => typeof value === 'string',
    isNumber: (value) => typeof value === 'number',
    isBoolean: (value) => typeof value === 'boolean',
    isFunction: (value) => typeof value === 'function',
    isObject: (value) => value !== null && typeof value === 'object',
    isUndefined: (value) => value === undefined,
    isNull: (value) => value === null,
  };
  for (const name in removed) if (typeof util[name] !== 'function') util[name] = removed[name];
}
