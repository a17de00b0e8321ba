// The processes that time a provider, and what `auto` says of Vulkan's software driver.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, pickEngine } from '../../src/trainer/engines/pick.ts';
import { timeInChild } from '../../src/trainer/timing/time-in-child.ts';
import { needs } from '../needs.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';
import { hasSoftwareDriver, useSoftwareDriver } from './software-driver.ts';

const trainer = fileURLToPath(new URL('../../dist/trainer.js', import.meta.url));
const goesOn = new AbortController().signal;

let project: SmallProject;
let dir: string;
let scripts: string;
beforeAll(async () => {
  scripts = mkdtempSync(join(tmpdir(), 'tandem-timing-'));
  project = await smallProject(8);
  dir = await project.createRun(project.config());
});
afterAll(async () => {
  rmSync(scripts, { recursive: true });
  await project.remove();
});

/** A program in the place of the trainer. */
const script = (body: string): string[] => {
  const file = join(scripts, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, body);
  return [file, dir, '--time'];
};

describe('a process that times a provider', () => {
  it('takes real steps of the run’s model', async () => {
    const timing = await timeInChild([trainer, dir, '--time'], 'cpu', goesOn);
    expect(timing).toMatchObject({ provider: 'cpu', reason: null });
    expect(timing!.step_ms).toBeGreaterThan(0);
  }, 60_000);

  it('says why it has no figure, or gives that of the steps until it was ended', async () => {
    const crash = script(
      `process.stderr.write('VK_ERROR_DEVICE_LOST\\n'); process.kill(process.pid, 'SIGKILL');`,
    );
    expect(await timeInChild(crash, 'webgpu', goesOn)).toEqual({
      provider: 'webgpu',
      device: 'webgpu',
      step_ms: null,
      reason: 'its process ended with SIGKILL: VK_ERROR_DEVICE_LOST.',
    });
    const hang = 'setInterval(() => {}, 1000);';
    expect((await timeInChild(script(hang), 'webgpu', goesOn, 500))?.reason).toBe('no step within 0.5 s.');
    const slow = `console.log('a driver’s own line');
      console.log(JSON.stringify({ kind: 'device', name: 'A card', isSoftware: false }));
      for (const ms of [30, 10, 20]) console.log(JSON.stringify({ kind: 'step', ms })); ${hang}`;
    expect(await timeInChild(script(slow), 'webgpu', goesOn, 1500)).toEqual({
      provider: 'webgpu',
      device: 'A card',
      step_ms: 20,
      reason: null,
    });
  }, 20_000);

  it('is ended when the run is stopped', async () => {
    const controller = new AbortController();
    const began = performance.now();
    setTimeout(() => controller.abort(new Error('the run was asked to stop')), 300);
    await expect(
      timeInChild(script('setInterval(() => {}, 1000);'), 'webgpu', controller.signal),
    ).rejects.toThrow('the run was asked to stop');
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe.runIf(needs(hasSoftwareDriver, 'Chromium’s software driver for Vulkan'))(
  'a driver in software',
  () => {
    beforeAll(useSoftwareDriver);

    it('is named, and auto takes the processor', async () => {
      const engine = await pickEngine({ engine: 'auto', provider: 'auto', threads: 1 });
      if (engine.name !== 'onnx') return; // TensorFlow’s own is installed, and comes first
      expect(engine.provider).toBe('cpu');
      expect(engine.why).toContain('SwiftShader');
    });

    it('takes no steps to be timed', async () => {
      expect(await timeInChild([trainer, dir, '--time'], 'webgpu', goesOn)).toEqual({
        provider: 'webgpu',
        device: 'SwiftShader (in software)',
        step_ms: null,
        reason: 'a driver in software, which is slower than the processor itself.',
      });
    }, 60_000);

    it('computes where it is asked for, under its name', async () => {
      const engine = await createEngine('onnx', { engine: 'onnx', provider: 'webgpu', threads: 1 }, 'a test');
      expect(engine.device).toBe('SwiftShader (in software)');
    }, 60_000);
  },
);
