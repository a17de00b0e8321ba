import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLoader, type Batch, type LoaderConfig } from '../../src/trainer/data/loader.ts';
import { readPairs } from '../../src/trainer/data/pairs.ts';
import { loadTokenizer } from '../../src/trainer/data/tokenizer.ts';
import { pairsConfig } from './pairs-config.ts';

const cases = join(import.meta.dirname, '../cases/pairs');
const config: LoaderConfig = {
  image_size: 16,
  max_length: 64,
  augment: { crop: [0.5, 1], flip: 0.5, swap_left_right: true, drop_word: 0.2 },
  max_bad_fraction: 0.05,
  cache_dir: null,
};

async function load(name: string, settings: Partial<LoaderConfig> = {}, train = true) {
  const pairs = await readPairs(pairsConfig(join(cases, name)));
  const indices = Int32Array.from({ length: pairs.count }, (_, i) => i);
  return createLoader({
    pairs,
    indices,
    config: { ...config, ...settings },
    batchSize: 4,
    tokenizer: await loadTokenizer(),
    seed: 1,
    train,
  });
}

test('batches depend on the seed and their place alone', async () => {
  const inOrder = await load('good.csv');
  const all: Batch[] = [];
  for (let i = 0; i < 6; i++) all.push(await inOrder.batch(Math.floor(i / 3), i % 3));
  await inOrder.close();
  const resumed = await load('good.csv');
  expect(await resumed.batch(1, 1)).toEqual(all[4]);
  expect(await resumed.batch(0, 2)).toEqual(all[2]);
  await resumed.close();
});
