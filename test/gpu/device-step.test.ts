// Steps that stay on the device, on Vulkan's software driver, against the host's own.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../src/data/loader.ts';
import type { RunConfig } from '../../src/experiment/config.ts';
import { createEngine } from '../../src/trainer/engines/pick.ts';
import type { Device, Engine } from '../../src/trainer/engines/engine.ts';
import { buildModel } from '../../src/trainer/model/model.ts';
import type { Arrays } from '../../src/trainer/model/parameter.ts';
import { createOptimizer, type OptimizerState } from '../../src/trainer/optimizer/optimizer.ts';
import { createStepper } from '../../src/trainer/step/create-stepper.ts';
import { needs } from '../needs.ts';
import { collectGarbage } from '../trainer/collect-garbage.ts';
import { parameter } from '../trainer/formula.ts';
import { fixedTemperature, loadedBatch, modelConfig, optimizerConfig, tinyShapes } from '../trainer/tiny.ts';
import { hasSoftwareDriver, useSoftwareDriver } from './software-driver.ts';

const size = 4;
const length = 8;
type Kind = 'late' | 'cross_attention' | 'early';

const batchOf = (step: number): Batch => loadedBatch(size, length, step);

function opened(
  kind: Kind,
  engine: Engine,
  from?: { arrays: Arrays; optimizer: OptimizerState },
  shapes: Parameters<typeof buildModel>[2] = tinyShapes,
) {
  const model = modelConfig(kind);
  model.text_encoder.dropout = 0.1;
  const loss = { ...fixedTemperature, learn_temperature: true };
  const built = buildModel(model, loss, shapes);
  const arrays: Arrays = {};
  for (const spec of built.parameters)
    arrays[spec.name] = from?.arrays[spec.name]?.slice() ?? parameter(spec);
  const config = {
    model,
    loss,
    seed: 5,
    optimizer: optimizerConfig(1e-3),
    train: { batch_size: size, micro_batch: null },
  } as RunConfig;
  const optimizer = createOptimizer(built, config.optimizer, arrays, from?.optimizer);
  let device: Device | null = null;
  const watched: Engine = {
    ...engine,
    openDevice: engine.openDevice && (() => (device = engine.openDevice!())),
  };
  const stepper = createStepper({ config, engine: watched, model: built, arrays, optimizer });
  const rates = { image: 1e-3, text: 1e-3, fusion: 1e-3, scale: 1e-3 };
  return {
    arrays,
    state: optimizer.state,
    stepper,
    device: device as Device | null,
    step: (at: number, batch = batchOf(at)) => stepper.step(batch, at, rates),
  };
}

const kinds: Kind[] = ['late', 'cross_attention', 'early'];
const half = 5;

interface Trained {
  losses: number[];
  norms: number[];
  /** After `half` steps, and one step later. */
  middle: { arrays: Arrays; optimizer: OptimizerState };
  next: Arrays;
}

const copied = (arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));
const snapshot = ({ arrays, state }: ReturnType<typeof opened>) => ({
  arrays: copied(arrays),
  optimizer: {
    updates: state.updates,
    firstMoments: copied(state.firstMoments),
    secondMoments: copied(state.secondMoments),
  },
});

/** Ten steps. */
async function trained(kind: Kind, engine: Engine): Promise<Trained & { last: Arrays }> {
  const run = opened(kind, engine);
  const losses: number[] = [];
  const norms: number[] = [];
  let middle = snapshot(run);
  let next = middle.arrays;
  for (let at = 0; at < 2 * half; at++) {
    const { loss, norm } = await run.step(at);
    losses.push(loss);
    norms.push(norm);
    if (at !== half - 1 && at !== half) continue;
    await run.stepper.sync();
    if (at === half) next = copied(run.arrays);
    else middle = snapshot(run);
  }
  await run.stepper.sync();
  const last = copied(run.arrays);
  run.stepper.dispose();
  return { losses, norms, middle, next, last };
}

/**
 * Largest distance of two sets of arrays, as a share of each array's largest value, but for two whose gradient is zero, so that AdamW makes
 * whole steps of its rounding errors: attention does not change with a key's bias, nor InfoNCE with what is added to all scores alike.
 */
function distance(got: Arrays, expected: Arrays): number {
  let most = 0;
  for (const name in expected) {
    if (name.endsWith('key.bias') || name === 'fusion.layer.0.output.LayerNorm.bias') continue;
    const scale = expected[name]!.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-12);
    for (let i = 0; i < expected[name]!.length; i++)
      most = Math.max(most, Math.abs(got[name]![i]! - expected[name]![i]!) / scale);
  }
  return most;
}

const relative = (got: number[], expected: number[]): number =>
  Math.max(...expected.map((value, i) => Math.abs(got[i]! / value - 1)));

const engineOf = (provider: 'cpu' | 'webgpu'): Promise<Engine> =>
  createEngine('onnx', { engine: 'onnx', provider, threads: 1 }, 'a test');

describe.runIf(needs(hasSoftwareDriver, 'Chromium’s software driver for Vulkan'))(
  'steps on the device',
  () => {
    const onHost = new Map<Kind, Trained>();
    let engine: Engine;
    beforeAll(async () => {
      useSoftwareDriver();
      const host = await engineOf('cpu');
      for (const kind of kinds) onHost.set(kind, await trained(kind, host));
      engine = await engineOf('webgpu'); // a process uses one engine at a time
    }, 240_000);

    it.each(kinds)(
      '%s: ten are the host’s, and are the same after a stop in their middle',
      async (kind) => {
        const host = onHost.get(kind)!;
        const device = await trained(kind, engine);
        expect(relative(device.losses, host.losses)).toBeLessThan(1e-4);
        expect(relative(device.norms, host.norms)).toBeLessThan(1e-3);

        // The run of the processor gone on with on the device.
        const moved = opened(kind, engine, host.middle);
        const { loss } = await moved.step(half);
        await moved.stepper.sync();
        expect(Math.abs(loss / host.losses[half]! - 1)).toBeLessThan(1e-4);
        expect(distance(moved.arrays, host.next)).toBeLessThan(1e-5);
        moved.stepper.dispose();

        const resumed = opened(kind, engine, device.middle);
        for (let at = half; at < 2 * half; at++) await resumed.step(at);
        await resumed.stepper.sync();
        expect(resumed.arrays).toEqual(device.last);
        resumed.stepper.dispose();
      },
      480_000,
    );

    it('a batch goes up and a few numbers come down', async () => {
      const run = opened('late', engine);
      await run.step(0);
      const before = { ...run.device!.traffic };
      await run.step(1);
      const { pixels, tokenIds, mask, imageIds, captionIds } = batchOf(1);
      const batch = [pixels, tokenIds, mask, imageIds, captionIds].reduce(
        (sum, { byteLength }) => sum + byteLength,
        0,
      );
      // Masks of dropout go up too: for 2 layers [4 x 8, 16] twice and [4, 2, 8, 8], and [4 x 8, 16] once.
      const masks = 4 * (2 * (2 * 512 + 512) + 512);
      const up = run.device!.traffic.up - before.up;
      expect(up).toBeGreaterThanOrEqual(batch + masks);
      expect(up).toBeLessThan(batch + masks + 4000);
      expect(run.device!.traffic.down - before.down).toBeLessThan(4000);
      run.stepper.dispose();
    });

    it('a gradient that is not finite changes nothing', async () => {
      const run = opened('late', engine);
      await run.step(0);
      await run.stepper.sync();
      const before = snapshot(run);
      const broken = batchOf(1);
      broken.pixels.fill(NaN, 0, 100);
      const report = await run.step(1, broken);
      expect(report.skippedBranch).not.toBeNull();
      await run.stepper.sync();
      expect(snapshot(run)).toEqual(before);
      expect((await run.step(2)).skippedBranch).toBeNull();
      run.stepper.dispose();
    });

    it('40 steps keep their memory', async () => {
      const wide = { ...tinyShapes, image: { ...tinyShapes.image, channels: [64, 192] } };
      const run = opened('late', engine, undefined, wide);
      for (let at = 0; at < 10; at++) await run.step(at);
      collectGarbage();
      const before = process.memoryUsage().rss;
      for (let at = 0; at < 40; at++) await run.step(at);
      collectGarbage();
      // 0.2 MB a step, whatever the model's size, are the driver's own; weights that stayed would be 2.2 MB a step.
      expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1e6);
      expect(stateBytes(run.arrays)).toBeGreaterThan(2e6);
      run.stepper.dispose();
    });

    it('the processor goes on with a run of the device', async () => {
      const run = opened('late', engine, onHost.get('late')!.middle);
      await run.step(half);
      await run.stepper.sync();
      const kept = snapshot(run);
      run.stepper.dispose();
      const back = opened('late', await engineOf('cpu'), kept);
      const { loss } = await back.step(half + 1);
      expect(Math.abs(loss / onHost.get('late')!.losses[half + 1]! - 1)).toBeLessThan(1e-4);
      back.stepper.dispose();
    });
  },
);

const stateBytes = (arrays: Arrays): number =>
  Object.values(arrays).reduce((sum, { byteLength }) => sum + byteLength, 0);
