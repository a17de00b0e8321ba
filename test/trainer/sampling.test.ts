import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gpu } from '../../src/trainer/machine/gpus.ts';
import { createSamples, gpuOfRun, percentOfCores } from '../../src/trainer/machine/samples.ts';
import { startSampling, type Sample } from '../../src/trainer/machine/sampling.ts';
import { usableThreads } from '../../src/trainer/engines/usable-threads.ts';

const program = join(import.meta.dirname, `../../dist-test/sampler-${process.pid}.js`);
const processor = { name: 'onnx', provider: 'cpu', device: 'CPU' } as const;

beforeAll(() =>
  esbuild.build({
    entryPoints: [join(import.meta.dirname, '../../src/trainer/machine/sampler.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
  }),
);
afterAll(() => rmSync(program, { force: true }));

/** Computes on this thread for so long: no timer and no message gets its turn. */
function compute(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(end);
}

test('percent are of all cores: 1.5 s of two cores in one second are three quarters', () => {
  const before = { user: 200_000, system: 100_000, at: 1000 };
  expect(percentOfCores(before, { user: 1_400_000, system: 400_000, at: 2000 }, 2)).toBeCloseTo(75, 10);
});

test('samples come at their times with the step as it was then, also while the trainer computes without a pause', async () => {
  const samples: Sample[] = [];
  const sampling = startSampling(pathToFileURL(program), processor, 3, (sample) => samples.push(sample), 50);
  while (samples.length === 0) await sleep(10);
  const began = Date.now();
  compute(600);
  sampling.stepped(4);
  const ended = Date.now();
  while (!samples.some(({ time }) => time > ended)) await sleep(10);
  await sampling.end();
  const count = samples.length;
  const during = samples.filter(({ time }) => time > began + 10 && time < ended - 10);
  // Twelve in a machine that is idle.
  expect(during.length).toBeGreaterThanOrEqual(3);
  expect(new Set(during.map(({ step }) => step))).toEqual(new Set([3]));
  expect(samples.at(-1)!.step).toBe(4);
  const rss = process.memoryUsage.rss();
  for (const { metrics } of samples) {
    expect(Object.keys(metrics).sort()).toEqual(['system/cpu', 'system/rss']);
    expect(metrics['system/rss']).toBeGreaterThan(rss / 2);
    expect(metrics['system/rss']).toBeLessThan(rss * 2);
    expect(metrics['system/cpu']).toBeGreaterThanOrEqual(0);
  }
  await sleep(150);
  expect(samples.length).toBe(count);
});

test('a thread that computes all the time is busy on one of the cores', async () => {
  const sample = createSamples(null);
  const before = process.cpuUsage();
  const start = performance.now();
  compute(400);
  const used = process.cpuUsage(before);
  const expected = (100 * (used.user + used.system)) / 1000 / (performance.now() - start) / usableThreads();
  expect((await sample())['system/cpu']).toBeCloseTo(expected, -1);
});

test('a program that is missing costs the samples and not the run', async () => {
  const sampling = startSampling(pathToFileURL('/nowhere/sampler.js'), processor, 0, () => {}, 10);
  await sleep(100);
  sampling.stepped(1);
  await sampling.end();
});

const gpu = (name: string): Gpu => ({
  name,
  memoryTotal: 8e9,
  memoryUsed: 1e9,
  utilisation: 0.5,
  pciAddress: null,
  source: 'nvidia-smi',
});

test('of several devices the run’s own is told by its name', () => {
  const gpus = [gpu('Intel Iris Xe'), gpu('NVIDIA GeForce RTX 4070')];
  expect(gpuOfRun(gpus, 'NVIDIA GeForce RTX 4070')).toBe(gpus[1]);
  expect(gpuOfRun(gpus, 'WebGPU device 0')).toBeNull();
  expect(gpuOfRun([gpus[1]!], 'WebGPU device 0')).toBe(gpus[1]);
  // A driver that computes on the processor is none of them.
  expect(gpuOfRun([gpus[1]!], 'SwiftShader Device')).toBeNull();
});
