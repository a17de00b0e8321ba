import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Tokenizer } from '../../src/data/captions/tokenizer.ts';
import { decodeImage } from '../../src/data/images/images.ts';
import { normalise, normalTable } from '../../src/data/images/normalise.ts';
import { squeezed } from '../../src/data/images/preprocessing.ts';
import { createLoader } from '../../src/data/loader.ts';
import type { PairSet } from '../../src/data/pair-set.ts';
import { readPairs } from '../../src/data/pairs.ts';
import { pairsConfig } from './material.ts';

const side = 224;
const batchSize = 32;
const rounds = 3;

interface Rate {
  perS: number;
  /** Processor milliseconds a picture, of all threads or processes. */
  cpuMs: number;
}

const best = (rates: Rate[]): Rate => rates.reduce((one, other) => (other.perS > one.perS ? other : one));

/** Batches of 32 whole pictures at 224 x 224: in an epoch that decodes them, in one that also keeps them, and in one that finds them kept. */
export async function measureLoading(file: string, tokenizer: Tokenizer, cacheDir: string) {
  // Of one loader, as the peer keeps its workers: each epoch begins with what was prepared in the one before.
  const first = await epochs(file, tokenizer, null, 3);
  const [kept, cached] = await epochs(file, tokenizer, cacheDir, 2);
  return { first: best(first), kept: kept!, cached: cached! };
}

/** The same beside PyTorch's DataLoader with a worker for each processor, in turns; the best of each side's rounds. */
export async function besideTorch(python: string, file: string, tokenizer: Tokenizer, folder: string) {
  const theirs: Rate[] = [];
  const ours: Awaited<ReturnType<typeof measureLoading>>[] = [];
  let by = '';
  for (let round = 0; round < rounds; round++) {
    ours.push(await measureLoading(file, tokenizer, join(folder, `cache-${round}`)));
    const peer = await dataLoader(python, file);
    by = peer.by;
    theirs.push({ perS: Math.max(...peer.pictures_per_s), cpuMs: peer.cpu_ms });
    await checkSamePixels(file, peer.first_mean);
  }
  const torch = best(theirs);
  const own = best(ours.map(({ first }) => first));
  const cached = best(ours.map(({ cached: rate }) => rate));
  const least = (rates: Rate[]): number => Math.min(...rates.map(({ cpuMs }) => cpuMs));
  return {
    torch_by: by,
    torch_per_s: rounded(torch.perS),
    torch_cpu_ms: rounded(least(theirs)),
    first_epoch_per_s: rounded(own.perS),
    first_epoch_cpu_ms: rounded(least(ours.map(({ first }) => first))),
    keeping_epoch_per_s: rounded(best(ours.map(({ kept }) => kept)).perS),
    cached_per_s: rounded(cached.perS),
    cached_cpu_ms: rounded(least(ours.map(({ cached: rate }) => rate))),
    times_torch: rounded(own.perS / torch.perS),
    times_torch_by_cpu: rounded(least(theirs) / least(ours.map(({ first }) => first))),
    cached_times_torch: rounded(cached.perS / torch.perS),
  };
}

async function epochs(
  file: string,
  tokenizer: Tokenizer,
  cacheDir: string | null,
  count: number,
): Promise<Rate[]> {
  const pairs = await readPairs(pairsConfig(file));
  const loader = createLoader({
    pairs,
    indices: Int32Array.from({ length: pairs.count }, (_, i) => i),
    config: {
      image_size: side,
      max_length: 512,
      augment: { crop: null, flip: 0, swap_left_right: true, drop_word: 0 },
      max_bad_fraction: 0,
      cache_dir: cacheDir,
    },
    batchSize,
    tokenizer,
    seed: 0,
    train: true,
  });
  const rates: Rate[] = [];
  for (let epoch = 0; epoch < count; epoch++) {
    const start = performance.now();
    const used = process.cpuUsage();
    for (let i = 0; i < loader.batchesPerEpoch; i++) loader.release(await loader.batch(epoch, i));
    const { user, system } = process.cpuUsage(used);
    const pictures = loader.batchesPerEpoch * batchSize;
    rates.push({
      perS: (pictures / (performance.now() - start)) * 1e3,
      cpuMs: (user + system) / 1e3 / pictures,
    });
  }
  await loader.close();
  await pairs.close();
  return rates;
}

interface DataLoaderRates {
  by: string;
  pictures_per_s: number[];
  cpu_ms: number;
  first_mean: number;
}

async function dataLoader(python: string, file: string): Promise<DataLoaderRates> {
  const script = fileURLToPath(new URL('../../test/reference/bench_loader.py', import.meta.url));
  const sizes = [
    '--side',
    String(side),
    '--batch',
    String(batchSize),
    '--workers',
    String(availableParallelism()),
  ];
  const { stdout } = await promisify(execFile)(python, [script, file, ...sizes]);
  return JSON.parse(stdout) as DataLoaderRates;
}

/** Both sides do the same work: the mean of the first picture's normalised pixels is theirs. */
async function checkSamePixels(file: string, mean: number): Promise<void> {
  const pairs: PairSet = await readPairs(pairsConfig(file));
  const pixels = await decodeImage(await pairs.loadImage(0), side);
  const values = normalise(pixels, normalTable(squeezed));
  const own = values.reduce((sum, value) => sum + value, 0) / values.length;
  await pairs.close();
  if (!(Math.abs(own - mean) < 1e-5))
    throw new Error(`The first picture's mean is ${own}, PyTorch's ${mean}.`);
}

export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
