// Dropout masks drawn on the device, on Vulkan's software driver, against the host's: the same to the last bit.
import { expect, it } from 'vitest';
import { dropoutMasks, keySpecs } from '../../src/trainer/step/dropout-masks.ts';
import { needs } from '../needs.ts';
import { engineOf } from './small-runs.ts';
import { hasSoftwareDriver, useSoftwareDriver } from './software-driver.ts';

it.runIf(needs(hasSoftwareDriver, 'Chromium’s software driver for Vulkan'))(
  'masks of the device are the host’s',
  async () => {
    useSoftwareDriver();
    const engine = await engineOf('webgpu');
    const device = engine.openDevice!();
    const masks = dropoutMasks(0.1, 5);
    const shapes = { one: [1], odd: [3, 7], rows: [33, 16], attention: [2, 3, 9, 9] };
    const drawing = masks.drawnOn(device, shapes, (drawn) => drawn);
    const draw = await device.compile(drawing, keySpecs(shapes), () => false);
    for (const part of [0, 1, 900])
      expect(await draw.run(masks.keys(shapes, 7, part))).toEqual(masks.draw(shapes, 7, part));
    expect([...engine.leftToProcessor]).toEqual([]);
    draw.dispose();
    device.dispose();
  },
  240_000,
);
