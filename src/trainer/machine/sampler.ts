import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createSamples } from './samples.ts';
import type { Sample, SamplerData } from './sampling.ts';

/*
 * The thread that samples what a run takes of its machine: the trainer's own thread stands still while a step computes, and between steps a
 * graphics device idles. Its program is a bundle of its own, dist/sampler.js.
 */

const { device, steps, intervalMs } = workerData as SamplerData;
const sample = createSamples(device);

// Ends with the trainer, which does not wait for it.
for (;;) {
  await sleep(intervalMs);
  const step = steps[0]!;
  const time = Date.now();
  parentPort!.postMessage({ time, step, metrics: await sample() } satisfies Sample);
}
