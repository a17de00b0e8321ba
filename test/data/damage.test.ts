import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rng } from '../../src/data/hash.ts';
import { readPairs } from '../../src/data/pairs.ts';
import { HumanError } from '../../src/protocol/human-error.ts';
import { pairsConfig } from './pairs-config.ts';

// Bytes of lists and shards change at random. Whatever comes of it, a person is told in words: pairs that can be read, or an error that
// we foresee. A library's own error would be called a fault of Tandem.

const changesPerFormat = 100;
const tiles = join(import.meta.dirname, '../cases/pairs/tiles');
const fixtures = join(import.meta.dirname, '../fixtures/data');
const names = Array.from({ length: 6 }, (_, i) => `tiles/0${i}.png`);

let folder: string;
const files = new Map<string, Buffer>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-damage-'));
  cpSync(tiles, join(folder, 'tiles'), { recursive: true });
  for (let i = 0; i < 6; i++) cpSync(join(tiles, `0${i}.png`), join(folder, `p/${i}.png`));
  const captions = names.map((_, i) => `"tile", number ${i} 块`);
  const rows = names.map((image, i) => ({ image, caption: [captions[i], `again ${i}`] }));
  const list = (name: string, text: string) => files.set(name, Buffer.from(text));
  list(
    'pairs.csv',
    `image,caption\n${names.map((image, i) => `${image},"${captions[i]!.replaceAll('"', '""')}"\n`).join('')}`,
  );
  list('pairs.tsv', `image\tcaption\n${names.map((image, i) => `${image}\t${captions[i]}\n`).join('')}`);
  list('pairs.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
  list('list.json', JSON.stringify(rows, null, 1));
  list(
    'coco.json',
    JSON.stringify({
      images: names.map((file_name, id) => ({ id, file_name })),
      annotations: captions.map((caption, image_id) => ({ id: image_id, image_id, caption })),
    }),
  );
  list(
    'karpathy.json',
    JSON.stringify({
      images: names.map((filename, i) => ({
        filename,
        split: i > 3 ? 'val' : 'train',
        sentences: [{ raw: captions[i] }],
      })),
    }),
  );
  list('tokens.txt', names.map((image, i) => `${image}#0\t${captions[i]}\n`).join(''));
  const packed = pack();
  for (const [i, name] of names.entries()) {
    packed.entry({ name: `${'long/'.repeat(30)}${i}.png` }, readFileSync(join(folder, name)));
    packed.entry({ name: `${'long/'.repeat(30)}${i}.json` }, JSON.stringify(rows[i]));
  }
  packed.finalize();
  files.set('shard.tar', await buffer(packed));
  files.set('pairs.csv.gz', gzipSync(files.get('pairs.csv')!));
  files.set('shard.tar.gz', gzipSync(files.get('shard.tar')!));
  for (const name of ['struct-snappy', 'struct-zstd', 'binary-gzip', 'paths', 'struct-paths'])
    files.set(`${name}.parquet`, readFileSync(join(fixtures, `${name}.parquet`)));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The file with some bytes changed, left out, written twice, or cut off; most often where headers stand. */
function changed(content: Buffer, seed: number, name: string): Buffer {
  const random = rng('damage', name, seed);
  let bytes = Buffer.from(content);
  for (let change = random.int(4); change >= 0; change--) {
    const nearEnd = random.int(2) === 0;
    const span = random.int(2) === 0 ? Math.min(bytes.length, 600) : bytes.length;
    const at = nearEnd ? bytes.length - 1 - random.int(span) : random.int(span);
    const kind = random.int(6);
    if (kind < 3) bytes[at] = random.int(256);
    else if (kind === 3)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.int(8))]);
    else if (kind === 4)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - random.int(64)))]);
    else if (bytes.length > 100) bytes = bytes.subarray(0, bytes.length - random.int(50));
  }
  return bytes;
}

test.each([
  'pairs.csv',
  'pairs.tsv',
  'pairs.jsonl',
  'list.json',
  'coco.json',
  'karpathy.json',
  'tokens.txt',
  'pairs.csv.gz',
  'shard.tar',
  'shard.tar.gz',
  'struct-snappy.parquet',
  'struct-zstd.parquet',
  'binary-gzip.parquet',
  'paths.parquet',
  'struct-paths.parquet',
])('%s: a person is told, whatever bytes change', { timeout: 120_000 }, async (name) => {
  const outcomes = { read: 0, refused: 0 };
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  for (let seed = 0; seed < changesPerFormat; seed++) {
    writeFileSync(join(folder, name), changed(files.get(name)!, seed, name));
    const pairs = await readPairs(pairsConfig(join(folder, name)), { checkImages: seed % 10 === 0 }).catch(
      (error: unknown) => {
        if (error instanceof HumanError) return error;
        throw new Error(`seed ${seed} of ${name}`, { cause: error });
      },
    );
    if (pairs instanceof HumanError) {
      outcomes.refused++;
      expect(pairs.message.length, `seed ${seed}`).toBeLessThan(1500);
      continue;
    }
    outcomes.read++;
    for (let pair = 0; pair < pairs.count; pair++)
      await pairs.loadImage(pair).catch((error: Error) => {
        expect(error.message, `seed ${seed}`).toMatch(
          /damaged \(|no bytes in|not there any more|shorter than|not a file|cannot be read|is not whole/,
        );
      });
    await pairs.close();
  }
  // Both happen, or the changes would show nothing; of what gzip packed it sees every change.
  if (!name.endsWith('.gz')) expect(outcomes.read).toBeGreaterThan(5);
  expect(outcomes.refused + outcomes.read).toBe(changesPerFormat);
});
