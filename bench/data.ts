import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPairs, type PairSet } from '../src/data/pairs.ts';
import { splitPairs } from '../src/data/split.ts';
import { loadTokenizer, type Tokenizer } from '../src/data/captions/tokenizer.ts';
import { besideTorch, measureLoading, rounded } from './data/loading.ts';
import { measureWait } from './data/wait.ts';
import { makeLongFile, makePhotographs, pairsConfig } from './data/material.ts';

/*
 * Reading, decoding and loading pairs.   npm run bench -- data [--json]
 *   read_200k_ms        a csv of 200,000 rows read and checked: columns, captions, that each image is there (first: of the process, and its CPU time)
 *   split_200k_ms       its split
 *   bytes_per_pair      kept for a pair while training, of which its texts and those of its image's name
 *   tokenizer_per_s     captions of about 18 tokens
 *   first_epoch_per_s, keeping_epoch_per_s, cached_per_s   pictures of 444 x 387 in batches of 32 at 224 x 224: decoded, decoded and kept, found kept
 *   torch_per_s         the same with --torch in PyTorch's DataLoader, a worker for each processor, with Pillow and torchvision; bars 1.7 and 20 times
 *   batch_cold_ms, batch_warm_ms   batches of 32 at 64 x 64, one after the other, without and with the cache
 *   data_wait           share of time that a step of 250 ms (which keeps every core busy) waits for such a batch, cache warm
 */

const { values: options } = parseArgs({
  options: { torch: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
try {
  const tokenizer = await loadTokenizer();
  const long = await measureReading();
  const photographs = await makePhotographs(join(folder, 'photographs'), 640);
  const result = {
    ...long,
    tokenizer_per_s: measureTokenizer(tokenizer),
    ...(options.torch
      ? await besideTorch(options.torch, photographs, tokenizer, folder)
      : await ratesAlone(photographs, tokenizer)),
    ...(await measureWait(photographs, tokenizer, join(folder, 'cache'))),
  };
  if (!options.json) console.table(result);
  console.log(JSON.stringify(result));
} finally {
  await rm(folder, { recursive: true });
}

async function measureReading() {
  const rows = 200_000;
  const { file, textBytes } = await makeLongFile(join(folder, 'long'), rows);
  const times: number[] = [];
  const cpu: number[] = [];
  let pairs: PairSet | null = null;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    const cpuStart = process.cpuUsage();
    pairs = await readPairs(pairsConfig(file));
    times.push(performance.now() - start);
    const { user, system } = process.cpuUsage(cpuStart);
    cpu.push((user + system) / 1000);
  }
  if (pairs?.count !== rows) throw new Error(`${pairs?.count} pairs were read.`);
  const start = performance.now();
  splitPairs(pairs, { val_fraction: 0.1, seed: 0 });
  return {
    read_200k_first_ms: Math.round(times[0]!),
    read_200k_ms: Math.round(Math.min(...times)),
    read_200k_first_cpu_ms: Math.round(cpu[0]!),
    split_200k_ms: Math.round(performance.now() - start),
    bytes_per_pair: Math.round((pairs.bytes / rows) * 10) / 10,
    text_bytes_per_pair: Math.round((textBytes / rows) * 10) / 10,
  };
}

function measureTokenizer(tokenizer: Tokenizer): number {
  const captions = Array.from(
    { length: 20_000 },
    (_, i) => `a photo, number ${i} of a small red thing on a wooden table`,
  );
  const start = performance.now();
  for (const caption of captions) tokenizer.encode(caption, 512);
  return Math.round((captions.length / (performance.now() - start)) * 1000);
}

async function ratesAlone(photographs: string, tokenizer: Tokenizer) {
  const { first, kept, cached } = await measureLoading(photographs, tokenizer, join(folder, 'pictures'));
  return {
    first_epoch_per_s: rounded(first.perS),
    first_epoch_cpu_ms: rounded(first.cpuMs),
    keeping_epoch_per_s: rounded(kept.perS),
    cached_per_s: rounded(cached.perS),
  };
}
