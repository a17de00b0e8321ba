import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { createLoader, type Loader, type LoaderConfig } from '../../src/data/loader.ts';
import { readPairs } from '../../src/data/pairs.ts';
import type { Tokenizer } from '../../src/data/captions/tokenizer.ts';
import { pairsConfig } from './material.ts';

const config: LoaderConfig = {
  image_size: 64,
  max_length: 512,
  augment: { crop: [0.8, 1], flip: 0.5, swap_left_right: true, drop_word: 0 },
  max_bad_fraction: 0.05,
  cache_dir: null,
};
const stepMs = 250;

/** Time for batches of 32 at 64 x 64 (cropped and flipped), and the share of a run that waits for them. */
export async function measureWait(file: string, tokenizer: Tokenizer, cacheDir: string) {
  const pairs = await readPairs(pairsConfig(file));
  const indices = Int32Array.from({ length: pairs.count }, (_, i) => i);
  const open = (): Loader =>
    createLoader({
      pairs,
      indices,
      config: { ...config, cache_dir: cacheDir },
      batchSize: 32,
      tokenizer,
      seed: 0,
      train: true,
    });
  const cold = open();
  const batch_cold_ms = await timePerBatch(cold);
  await cold.close();
  const warm = open();
  const batch_warm_ms = await timePerBatch(warm);
  const wait = await waitShare(warm);
  await warm.close();
  await pairs.close();
  return { batch_cold_ms, batch_warm_ms, ...wait };
}

async function timePerBatch(loader: Loader): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < loader.batchesPerEpoch; i++) await loader.batch(0, i);
  return Math.round(((performance.now() - start) / loader.batchesPerEpoch) * 100) / 100;
}

/** Two epochs with a step after each batch that keeps a thread a core busy. */
async function waitShare(loader: Loader): Promise<{ data_wait: number; data_wait_worst_ms: number }> {
  const busy = new Int32Array(new SharedArrayBuffer(4));
  const spin = `const { workerData: busy } = require('node:worker_threads');
    for (;;) { Atomics.wait(busy, 0, 0); while (Atomics.load(busy, 0) === 1); }`;
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(spin, { eval: true, workerData: busy }),
  );
  let waited = 0;
  let worst = 0;
  const start = performance.now();
  for (let i = 0; i < loader.batchesPerEpoch * 2; i++) {
    const asked = performance.now();
    await loader.batch(1 + Math.floor(i / loader.batchesPerEpoch), i % loader.batchesPerEpoch);
    waited += performance.now() - asked;
    worst = Math.max(worst, performance.now() - asked);
    Atomics.store(busy, 0, 1);
    Atomics.notify(busy, 0);
    await new Promise((resolve) => setTimeout(resolve, stepMs));
    Atomics.store(busy, 0, 0);
  }
  const whole = performance.now() - start;
  await Promise.all(workers.map((worker) => worker.terminate()));
  return {
    data_wait: Math.round((waited / whole) * 10_000) / 10_000,
    data_wait_worst_ms: Math.round(worst * 10) / 10,
  };
}
