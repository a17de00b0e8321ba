// Which operators ONNX Runtime gives to the processor, on Vulkan's software driver.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/trainer/engines/pick.ts';
import type { Engine } from '../../src/trainer/engines/engine.ts';
import { needs } from '../needs.ts';
import { hasSoftwareDriver, useSoftwareDriver } from './software-driver.ts';

describe.runIf(needs(hasSoftwareDriver, 'Chromium’s software driver for Vulkan'))(
  'operators that the device has no kernel for',
  () => {
    let engine: Engine;
    beforeAll(async () => {
      useSoftwareDriver();
      engine = await createEngine('onnx', { engine: 'onnx', provider: 'webgpu', threads: 1 }, 'a test');
    }, 60_000);

    it('are counted when a function is compiled, which still computes', async () => {
      const specs = { x: { shape: [2, 4], dtype: 'float32' as const } };
      // Products of matrices, one of them transposed in a batch, are all computed on the device.
      const product = await engine.compile(
        ({ x }) => ({ y: tf.matMul(tf.reshape(x!, [2, 2, 2]), tf.reshape(x!, [2, 2, 2]), true) }),
        specs,
      );
      const { y } = await product.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
      expect(Array.from(y!)).toEqual([10, 14, 14, 20, 74, 86, 86, 100]);
      expect([...engine.leftToProcessor]).toEqual([]);

      // WebGPU computes with 32 bits, and the places of the largest are of 64.
      const largest = await engine.compile(({ x }) => ({ places: tf.topk(x!, 2).indices }), specs);
      const { places } = await largest.run({ x: Float32Array.of(1, 9, 3, 4, 5, 6, 8, 7) });
      expect(Array.from(places!)).toEqual([1, 3, 2, 3]);
      expect([...engine.leftToProcessor]).toEqual([['Cast', 1]]);
      product.dispose();
      largest.dispose();
    }, 60_000);
  },
);
