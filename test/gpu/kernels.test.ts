// Each kernel and its gradient on WebGPU (Vulkan's software driver), by the tests that they have on the processor.
import { describe, expect, it, vi } from 'vitest';
import { OnnxBackend } from '../../src/onnx-backend/backend.ts';
import { kernels } from '../../src/onnx-backend/kernels/all.ts';
import { needs } from '../needs.ts';
import { computeOn } from '../onnx-backend/parity.ts';
import { hasSoftwareDriver, useSoftwareDriver } from './software-driver.ts';

describe.runIf(needs(hasSoftwareDriver, 'Chromium’s software driver for Vulkan'))(
  'on WebGPU',
  { timeout: 480_000 },
  async () => {
    useSoftwareDriver();
    computeOn('webgpu');
    const computed = vi.spyOn(OnnxBackend.prototype, 'compute');
    await import('../onnx-backend/elementwise.test.ts');
    await import('../onnx-backend/shapes.test.ts');
    await import('../onnx-backend/models.test.ts');
    // RandomMask has its own, dropout-masks.test.ts.
    it('nothing is left out', () => {
      const tried = new Set(computed.mock.calls.map(([name]) => name));
      expect(Object.keys(kernels).filter((name) => !tried.has(name))).toEqual(['RandomMask']);
    });
  },
);
