import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applyToCaption, augmentation } from '../../src/data/images/augment.ts';
import { createLoader, type Batch, type Loader, type LoaderConfig } from '../../src/data/loader.ts';
import { readPairs, type PairSet } from '../../src/data/pairs.ts';
import { decodeImage } from '../../src/data/images/images.ts';
import { loadTokenizer, type Tokenizer } from '../../src/data/captions/tokenizer.ts';
import { pairsConfig } from './pairs-config.ts';

const photos = join(import.meta.dirname, '../fixtures/data/pictures');
const config: LoaderConfig = {
  image_size: 16,
  max_length: 64,
  augment: { crop: [0.5, 1], flip: 0.5, swap_left_right: true, drop_word: 0.2 },
  max_bad_fraction: 0.3,
  cache_dir: null,
};
const still = { crop: null, flip: 0, swap_left_right: true, drop_word: 0 };

let folder: string;
let pairs: PairSet;
let withBad: PairSet;
let tokenizer: Tokenizer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-loader-'));
  const names = [...Array(8).keys()].map((i) => `kind-exif-${i + 1}.jpg`);
  const others = [
    'kind-rgba.png',
    'kind-lossless.webp',
    'kind-grey.png',
    'photo-small.jpg',
    'photo-tall-64.png',
  ];
  for (const name of [...names, ...others]) cpSync(join(photos, name), join(folder, name));
  const rows = [...names, ...others].map(
    (name, i) => `${name},the old dog on the left of picture ${i} looks right\n`,
  );
  rows.push('photo-small.jpg,another caption\n');
  writeFileSync(join(folder, 'pairs.csv'), 'image,caption\n' + rows.join(''));
  const cut = readFileSync(join(photos, 'photo-small.jpg')).subarray(0, 900);
  for (const name of ['cut-1.jpg', 'cut-2.jpg']) writeFileSync(join(folder, name), cut);
  const bad = 'cut-1.jpg,a cut picture\ncut-2.jpg,another\n';
  writeFileSync(
    join(folder, 'bad.csv'),
    'image,caption\n' + rows.slice(0, 5).join('') + bad + rows.slice(5).join(''),
  );
  pairs = await readPairs(pairsConfig(join(folder, 'pairs.csv')));
  withBad = await readPairs(pairsConfig(join(folder, 'bad.csv')));
  tokenizer = await loadTokenizer();
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Settings extends Partial<LoaderConfig> {
  seed?: number;
  train?: boolean;
  set?: PairSet;
}

function open({ seed = 1, train = true, set = pairs, ...settings }: Settings = {}): Loader {
  const indices = Int32Array.from({ length: set.count }, (_, i) => i);
  return createLoader({
    pairs: set,
    indices,
    config: { ...config, ...settings },
    batchSize: 4,
    tokenizer,
    seed,
    train,
  });
}

/** The batches of some epochs in order. */
async function batches(loader: Loader, epochs: number): Promise<Batch[]> {
  const all: Batch[] = [];
  for (let epoch = 0; epoch < epochs; epoch++)
    for (let i = 0; i < loader.batchesPerEpoch; i++) all.push(await loader.batch(epoch, i));
  await loader.close();
  return all;
}

describe('what a batch is', () => {
  test('pixels, tokens and ids of its pairs', async () => {
    const loader = open({ augment: still });
    const batch = await loader.batch(0, 0);
    expect([batch.size, batch.imageSize, batch.pixels.length]).toEqual([4, 16, 4 * 16 * 16 * 3]);
    expect(Array.from(batch.pairs)).toEqual(Array.from(loader.order(0).slice(0, 4)));
    for (const [row, pair] of batch.pairs.entries()) {
      const right = await decodeImage(await pairs.loadImage(pair), 16);
      expect(batch.pixels.subarray(row * right.length, (row + 1) * right.length)).toEqual(right);
      const ids = tokenizer.encode(pairs.caption(pair), 64);
      const padded = new Int32Array(batch.length);
      padded.set(ids);
      expect(batch.tokenIds.subarray(row * batch.length, (row + 1) * batch.length)).toEqual(padded);
      const mask = batch.mask.subarray(row * batch.length, (row + 1) * batch.length);
      expect(mask.reduce((sum, value) => sum + value, 0)).toBe(ids.length);
      expect(mask.slice(0, ids.length).every((value) => value === 1)).toBe(true);
      expect([batch.imageIds[row], batch.captionIds[row]]).toEqual([
        pairs.imageId(pair),
        pairs.captionId(pair),
      ]);
    }
    await loader.close();
  });

  test('captions are padded to the batch’s longest in few lengths, never above max_length', async () => {
    const lengths = new Set((await batches(open({ augment: still }), 2)).map((batch) => batch.length));
    expect([...lengths]).toEqual([16]);
    const short = new Set(
      (await batches(open({ augment: still, max_length: 10 }), 1)).map((batch) => batch.length),
    );
    expect([...short]).toEqual([10]);
  });

  test('a training epoch has every pair once, but for the last part of a batch', async () => {
    const loader = open();
    expect(loader.batchesPerEpoch).toBe(3);
    const seen = (await batches(loader, 1)).flatMap((batch) => Array.from(batch.pairs));
    expect(new Set(seen).size).toBe(12);
    expect(Array.from(loader.order(0)).sort((a, b) => a - b)).toEqual([...Array(14).keys()]);
    expect(loader.order(0)).not.toEqual(loader.order(1));
  });

  test('validation goes in order, plain, to the last pair', async () => {
    const all = await batches(open({ train: false }), 1);
    expect(all.map((batch) => batch.size)).toEqual([4, 4, 4, 2]);
    expect(all.flatMap((batch) => Array.from(batch.pairs))).toEqual([...Array(14).keys()]);
    const plain = await batches(open({ train: false, augment: still }), 1);
    expect(all).toEqual(plain);
  });
});

describe('the same seed gives the same batches', () => {
  test('whatever was asked before', async () => {
    const all = await batches(open(), 3);
    const resumed = open();
    expect(await resumed.batch(1, 1)).toEqual(all[4]);
    expect(await resumed.batch(1, 2)).toEqual(all[5]);
    expect(await resumed.batch(2, 0)).toEqual(all[6]);
    expect(await resumed.batch(0, 2)).toEqual(all[2]);
    await resumed.close();
    expect(await batches(open({ seed: 2 }), 1)).not.toEqual(all.slice(0, 3));
  });

  test('whether or not images were cached', async () => {
    const all = await batches(open(), 2);
    const cache_dir = join(folder, 'cache');
    expect(await batches(open({ cache_dir }), 2)).toEqual(all);
    // Warm, and the images' files are not even looked at.
    const away: PairSet = { ...pairs, loadImage: () => Promise.reject(new Error('not needed')) };
    expect(await batches(open({ cache_dir, set: away }), 2)).toEqual(all);
  });

  test('also when several are asked for at once', async () => {
    const all = await batches(open(), 1);
    const loader = open();
    expect(await Promise.all([0, 1, 2].map((i) => loader.batch(0, i)))).toEqual(all);
    await loader.close();
  });
});

describe('images that cannot be decoded', () => {
  test('are named; the next pair of the epoch takes their place', async () => {
    const loader = open({ set: withBad });
    const all = await batches(loader, 1);
    expect(loader.badImages.map(({ name }) => name).sort()).toEqual(['cut-1.jpg', 'cut-2.jpg']);
    expect(loader.badImages[0]!.reason).toContain('cut or damaged');
    const bad = new Set([5, 6]);
    const order = Array.from(loader.order(0));
    const right = order.slice(0, 16).map((_, place) => {
      let at = place;
      while (bad.has(order[at % 16]!)) at++;
      return order[at % 16]!;
    });
    expect(all.flatMap((batch) => Array.from(batch.pairs))).toEqual(right);
    expect((await batches(open({ set: withBad }), 1)).map((batch) => batch.pairs)).toEqual(
      all.map((batch) => batch.pairs),
    );
  });

  test('are left out of validation', async () => {
    const all = await batches(open({ set: withBad, train: false }), 1);
    expect(all.map((batch) => batch.size)).toEqual([4, 2, 4, 4]);
    expect(all[1]!.pixels.length).toBe(2 * 16 * 16 * 3);
  });

  test('end the run when there are too many', async () => {
    const loader = open({ set: withBad, max_bad_fraction: 0.1 });
    await expect(batches(loader, 1)).rejects.toThrow(
      /2 of 15 images cannot be read, more than data.max_bad_fraction \(0.1\) allows \(cut-\d.jpg: cut or damaged/,
    );
    await loader.close();
  });
});

test('a fault of the machine ends the epoch and is no bad image, whatever share may be bad', async () => {
  const broken = open({
    max_bad_fraction: 1,
    set: {
      ...pairs,
      loadImage: () =>
        Promise.reject(
          new Error('cannot be read', { cause: Object.assign(new Error('open'), { code: 'EMFILE' }) }),
        ),
    },
  });
  await expect(broken.batch(0, 0)).rejects.toMatchObject({
    code: 'too_many_files',
    what: expect.stringMatching(/^The image .+ cannot be read: too many files are open\.$/) as string,
  });
  expect(broken.badImages).toEqual([]);
  await broken.close();
});

test('image and caption of a pair are flipped together', async () => {
  const loader = open({ augment: { ...still, flip: 0.5 } });
  let flips = 0;
  for (let epoch = 0; epoch < 2; epoch++) {
    const batch = await loader.batch(epoch, 0);
    for (const [row, pair] of batch.pairs.entries()) {
      const key = `${pairs.imageKey(pair)}\n${pairs.caption(pair)}`;
      const augmented = augmentation(1, epoch, key, { ...still, flip: 0.5 });
      flips += augmented.flip ? 1 : 0;
      const plain = await decodeImage(await pairs.loadImage(pair), 16);
      const raw = { width: 16, height: 16, channels: 3 } as const;
      const right = await sharp(plain, { raw }).flop(augmented.flip).raw().toBuffer();
      const pixels = batch.pixels.subarray(row * right.length, (row + 1) * right.length);
      expect(Buffer.from(pixels)).toEqual(right);
      const caption = pairs.caption(pair);
      if (caption.startsWith('the dog')) {
        const wanted = augmented.flip
          ? caption.replace('left', 'x').replace('right', 'left').replace('x', 'right')
          : caption;
        expect(applyToCaption(caption, augmented)).toBe(wanted);
        const ids = tokenizer.encode(wanted, 64);
        expect(batch.tokenIds.slice(row * batch.length, row * batch.length + ids.length)).toEqual(ids);
      }
    }
  }
  await loader.close();
  expect(flips).toBeGreaterThan(0);
  expect(flips).toBeLessThan(8);
});

test('batches ahead are few, whatever the number of pairs', async () => {
  let loaded = 0;
  const counting: PairSet = {
    ...pairs,
    loadImage(pair) {
      loaded++;
      return pairs.loadImage(pair);
    },
  };
  const loader = open({ set: counting });
  await loader.batch(0, 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(loaded).toBeLessThanOrEqual(5 * 4);
  await loader.close();
});

describe('memory of batches', () => {
  test('that are released is used again, and those that are kept stay as they are', async () => {
    const all = await batches(open({ train: false, augment: still }), 1);
    const loader = open({ train: false, augment: still });
    const rooms = new Set<ArrayBufferLike>();
    for (let round = 0; round < 4; round++)
      for (let i = 0; i < loader.batchesPerEpoch; i++) {
        const batch = await loader.batch(0, i);
        expect(batch).toEqual(all[i]);
        rooms.add(batch.pixels.buffer);
        loader.release(batch);
      }
    await loader.close();
    expect(rooms.size).toBeLessThan(4 * loader.batchesPerEpoch);
  });

  test('is 8 bits a colour of a pixel', async () => {
    const [batch] = await batches(open(), 1);
    expect(batch!.pixels).toBeInstanceOf(Uint8Array);
    expect(batch!.pixels.byteLength).toBe(4 * 16 * 16 * 3);
  });
});

test('a loader that is closed in the middle of a batch ends it and begins no other', async () => {
  let loaded = 0;
  let goOn = (): void => undefined;
  const isClosing = new Promise<void>((resolve) => (goOn = resolve));
  const waiting: PairSet = {
    ...pairs,
    async loadImage(pair) {
      loaded++;
      await isClosing;
      return pairs.loadImage(pair);
    },
  };
  const [first] = await batches(open(), 1);
  const loader = open({ set: waiting });
  const asked = loader.batch(0, 0);
  await vi.waitFor(() => expect(loaded).toBeGreaterThan(0));
  const closed = loader.close();
  goOn();
  await closed;
  expect(await asked).toEqual(first);
  // That one, and the next that was begun beside it.
  expect(loaded).toBeLessThanOrEqual(8);
});
