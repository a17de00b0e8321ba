// Each kernel and its gradient on WebGPU (Vulkan's software driver), by the tests that they have on the processor.
import { describe } from 'vitest';
import { needs } from '../needs.ts';
import { computeOn } from '../onnx-backend/parity.ts';
import { hasSoftwareDriver, useSoftwareDriver } from './software-driver.ts';

describe.runIf(needs(hasSoftwareDriver, 'Chromium’s software driver for Vulkan'))(
  'on WebGPU',
  { timeout: 480_000 },
  async () => {
    useSoftwareDriver();
    computeOn('webgpu');
    await import('../onnx-backend/elementwise.test.ts');
    await import('../onnx-backend/shapes.test.ts');
    await import('../onnx-backend/models.test.ts');
  },
);
