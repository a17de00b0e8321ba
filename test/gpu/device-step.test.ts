// Steps that stay on the device, on Vulkan's software driver, against the host's own.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/trainer/engines/engine.ts';
import type { Arrays } from '../../src/trainer/model/parameter.ts';
import { needs } from '../needs.ts';
import { collectGarbage } from '../trainer/collect-garbage.ts';
import { tinyShapes } from '../trainer/tiny.ts';
import {
  batchOf,
  distance,
  engineOf,
  half,
  opened,
  relative,
  trained,
  type Kept,
  type Setting,
  type Trained,
} from './small-runs.ts';
import { hasSoftwareDriver, useSoftwareDriver } from './software-driver.ts';

const settings = {
  late: { fusion: 'late' },
  cross_attention: { fusion: 'cross_attention' },
  early: { fusion: 'early' },
  'late, two of four pairs at a time': { fusion: 'late', micro: 2 },
} satisfies Record<string, Setting>;
const names = Object.keys(settings) as (keyof typeof settings)[];
const whole = settings.late;
const parts = settings['late, two of four pairs at a time'];

describe.runIf(needs(hasSoftwareDriver, 'Chromium’s software driver for Vulkan'))(
  'steps on the device',
  () => {
    const onHost = new Map<string, Trained>();
    /** A step later than the host's middle, on the device. */
    const stepped = new Map<(typeof names)[number], Kept>();
    let engine: Engine;
    beforeAll(async () => {
      useSoftwareDriver();
      const host = await engineOf('cpu');
      for (const name of names) onHost.set(name, await trained(settings[name], host));
      engine = await engineOf('webgpu'); // a process uses one engine at a time
    }, 240_000);

    it.each(names)(
      '%s: ten are the host’s, and are the same after a stop in their middle',
      async (name) => {
        const host = onHost.get(name)!;
        const leftBefore = new Set(engine.leftToProcessor.keys());
        const device = await trained(settings[name], engine);
        expect(relative(device.losses, host.losses)).toBeLessThan(1e-4);
        expect(relative(device.norms, host.norms)).toBeLessThan(1e-3);

        // The run of the processor gone on with on the device.
        const moved = opened(settings[name], engine, host.middle);
        const { loss } = await moved.step(half);
        expect(Math.abs(loss / host.losses[half]! - 1)).toBeLessThan(1e-4);
        const kept = await moved.kept();
        expect(distance(kept.arrays, host.next.arrays)).toBeLessThan(1e-5);
        stepped.set(name, kept);
        moved.stepper.dispose();

        const resumed = opened(settings[name], engine, device.middle);
        for (let at = half; at < 2 * half; at++) await resumed.step(at);
        expect(await resumed.kept()).toEqual(device.last);
        resumed.stepper.dispose();
        // Places of the hardest negatives are of 64 bits, which WebGPU has not.
        const left = [...engine.leftToProcessor.keys()].filter((operator) => !leftBefore.has(operator));
        expect(left).toEqual(name === 'early' ? ['Cast'] : []);
      },
      480_000,
    );

    it.each([
      ['a batch goes', whole, 1],
      ['each of two parts of a batch goes twice', parts, 2],
    ] as const)(
      '%s up, and a few numbers come down',
      async (_, setting, times) => {
        const run = opened(setting, engine);
        await run.step(0);
        const before = { ...run.device!.traffic };
        await run.step(1);
        const { pixels, tokenIds, mask, imageIds, captionIds } = batchOf(1);
        const batch = [pixels, tokenIds, mask, imageIds, captionIds].reduce(
          (sum, { byteLength }) => sum + byteLength,
          0,
        );
        const up = run.device!.traffic.up - before.up;
        expect(up).toBeGreaterThanOrEqual(batch);
        expect(up).toBeLessThan(times * batch + 4000);
        expect(run.device!.traffic.down - before.down).toBeLessThan(4000);
        run.stepper.dispose();
      },
      480_000,
    );

    it.each([
      ['whole batches', whole],
      ['micro-batches', parts],
    ] as const)(
      '%s: a gradient that is not finite changes nothing',
      async (_, setting) => {
        const run = opened(setting, engine);
        await run.step(0);
        const before = await run.kept();
        const broken = batchOf(1);
        broken.pixels.fill(NaN, 0, 100);
        const report = await run.step(1, broken);
        expect(report.skippedBranch).not.toBeNull();
        expect(await run.kept()).toEqual(before);
        const next = await run.step(2);
        expect(next.skippedBranch).toBeNull();
        expect(Number.isFinite(next.loss)).toBe(true);
        run.stepper.dispose();
      },
      480_000,
    );

    it.each([
      [100, 'whole batches', whole],
      [40, 'micro-batches', parts],
    ] as const)(
      '%i steps of %s keep their memory',
      async (steps, _, setting) => {
        // A large vocabulary: many weights, and little to compute.
        const shapes = {
          image: { ...tinyShapes.image, depths: [1], channels: [8] },
          text: { ...tinyShapes.text, layers: 1, vocabulary: 40_000 },
        };
        const run = opened({ ...setting, shapes }, engine);
        for (let at = 0; at < 10; at++) await run.step(at);
        collectGarbage();
        const before = process.memoryUsage().rss;
        for (let at = 0; at < steps; at++) await run.step(at);
        collectGarbage();
        // Up to 0.5 MB a step, whatever the model's size, are the driver's own; weights that stayed would be 2.6 MB a step.
        expect(process.memoryUsage().rss - before).toBeLessThan(steps * 1e6);
        expect(stateBytes(run.arrays)).toBeGreaterThan(2.5e6);
        run.stepper.dispose();
      },
      480_000,
    );

    it('the processor goes on with these runs of the device', async () => {
      const processor = await engineOf('cpu');
      expect([...stepped.keys()]).toEqual(names);
      for (const [name, kept] of stepped) {
        const run = opened(settings[name], processor, kept);
        const { loss } = await run.step(half + 1);
        expect(Math.abs(loss / onHost.get(name)!.losses[half + 1]! - 1)).toBeLessThan(1e-4);
        run.stepper.dispose();
      }
    }, 480_000);
  },
);

const stateBytes = (arrays: Arrays): number =>
  Object.values(arrays).reduce((sum, { byteLength }) => sum + byteLength, 0);
