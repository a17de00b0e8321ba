import * as tf from '@tensorflow/tfjs';
import { cpus } from 'node:os';
import { registerFastCpuKernels } from './cpu-kernels.ts';
import { eagerFunction } from './eager.ts';
import type { Engine } from './engine.ts';

/** TensorFlow.js in plain JavaScript: slow, everywhere, and what the other engines are compared with. */
export async function createCpuEngine(why: string): Promise<Engine> {
  tf.enableProdMode(); // no banner that recommends another package
  await tf.setBackend('cpu');
  registerFastCpuKernels();
  return {
    name: 'cpu',
    provider: null,
    device: cpus()[0]?.model.trim() ?? 'processor',
    threads: 1,
    why,
    measured: [],
    leftToProcessor: new Map(),
    compile: async (fn, specs, into) => eagerFunction('cpu', fn, specs, into),
    openDevice: null,
    dispose() {},
  };
}
