import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPairs, type PairSet } from '../src/data/pairs.ts';
import { decodeImage } from '../src/data/images/images.ts';
import { splitPairs } from '../src/data/split.ts';
import { loadTokenizer, type Tokenizer } from '../src/data/captions/tokenizer.ts';
import { measureWait } from './data/wait.ts';
import { makeLongFile, makePhotographs, pairsConfig } from './data/material.ts';

/*
 * Reading, decoding and loading pairs.   npm run bench -- data [--json]
 *   read_200k_ms        a csv of 200,000 rows read and checked: columns, captions, that each image is there (first: of the process, and its CPU time)
 *   split_200k_ms       its split
 *   bytes_per_pair      kept for a pair while training, of which its texts and those of its image's name
 *   tokenizer_per_s     captions of about 18 tokens
 *   pictures_per_s      444 x 387 JPEG to 224 x 224, as decoded for the first epoch
 *   batch_cold_ms, batch_warm_ms   batches of 32 at 64 x 64, one after the other, without and with the cache
 *   data_wait           share of time that a step of 250 ms (which keeps every core busy) waits for such a batch, cache warm
 */

const isJson = process.argv.includes('--json');
const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
try {
  const tokenizer = await loadTokenizer();
  const long = await measureReading();
  const photographs = await makePhotographs(join(folder, 'photographs'), 640);
  const result = {
    ...long,
    tokenizer_per_s: measureTokenizer(tokenizer),
    pictures_per_s: await measureDecoding(await readPairs(pairsConfig(photographs))),
    ...(await measureWait(photographs, tokenizer, join(folder, 'cache'))),
  };
  if (!isJson) console.table(result);
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
    bytes_per_pair: rounded(pairs.bytes / rows),
    text_bytes_per_pair: rounded(textBytes / rows),
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

async function measureDecoding(pairs: PairSet): Promise<number> {
  const count = 400;
  let next = 0;
  const start = performance.now();
  const work = async (): Promise<void> => {
    while (next < count) await decodeImage(await pairs.loadImage(next++ % pairs.count), 224);
  };
  await Promise.all([work(), work(), work(), work()]);
  return Math.round((count / (performance.now() - start)) * 1000);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
