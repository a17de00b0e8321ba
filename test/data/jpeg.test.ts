import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { rng } from '../../src/data/hash.ts';
import { decodeJpeg } from '../../src/data/images/jpeg.ts';

// The reference is libjpeg (mozjpeg in libvips), whose pixels are Pillow's.
const folder = join(import.meta.dirname, '../fixtures/data/pictures');
const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));
const all = (): boolean => true;

async function byLibjpeg(bytes: Buffer): Promise<Buffer> {
  return sharp(bytes, { failOn: 'none', autoOrient: false, ignoreIcc: true }).raw().toBuffer();
}

/** Of noise or of something smooth, of any size and quality. */
async function encoded(i: number): Promise<Buffer> {
  const random = rng('jpeg', i);
  const [width, height] = [1 + random.int(70), 1 + random.int(70)];
  const bytes = (pixels: number): Buffer =>
    Buffer.from(Uint8Array.from({ length: pixels * 3 }, () => random.int(256)));
  const raw = { channels: 3 as const };
  const image =
    i % 2
      ? sharp(bytes(9), { raw: { ...raw, width: 3, height: 3 } }).resize(width, height, {
          fit: 'fill',
          kernel: 'cubic',
        })
      : sharp(bytes(width * height), { raw: { ...raw, width, height } });
  return image
    .jpeg({
      quality: 1 + random.int(100),
      chromaSubsampling: i % 3 ? '4:2:0' : '4:4:4',
      optimizeCoding: i % 5 === 0,
    })
    .toBuffer();
}

describe('usual JPEGs have libjpeg’s pixels, to the bit', () => {
  test.each([
    ['photo-square.jpg', 336, 336],
    ['photo-tall.jpg', 420, 500],
    ['photo-large.jpg', 1344, 1008],
    ['photo-small.jpg', 60, 45],
    ['kind-422.jpg', 48, 36],
    ['kind-444.jpg', 48, 36],
    ['kind-restarts.jpg', 48, 36],
    ['kind-exif-1.jpg', 48, 36],
  ])('%s', async (name, width, height) => {
    const image = decodeJpeg(bytesOf(name), all)!;
    expect([image.width, image.height]).toEqual([width, height]);
    expect(Buffer.compare(image.data, await byLibjpeg(bytesOf(name)))).toBe(0);
  });

  test('of 1 to 70 pixels a side, in every quality', async () => {
    let read = 0;
    for (let i = 0; i < 120; i++) {
      const bytes = await encoded(i);
      const image = decodeJpeg(bytes, all);
      if (!image) continue;
      read++;
      expect(Buffer.compare(image.data, await byLibjpeg(bytes)), `image ${i}`).toBe(0);
    }
    // Not those of one or two columns of colour.
    expect(read).toBeGreaterThan(105);
  });
});

describe('what is not usual is left to the general decoder', () => {
  test.each([
    'kind-progressive.jpg',
    'kind-grey.jpg',
    'kind-cmyk.jpg',
    ...[2, 3, 4, 5, 6, 7, 8].map((orientation) => `kind-exif-${orientation}.jpg`),
    'kind-rgba.png',
  ])('%s', (name) => {
    expect(decodeJpeg(bytesOf(name), all)).toBeNull();
  });

  test('a size that is not accepted, cut files, nothing', () => {
    const bytes = bytesOf('photo-small.jpg');
    expect(decodeJpeg(bytes, (width, height) => width !== 60 || height !== 45)).toBeNull();
    for (let length = 0; length < bytes.length - 1; length += 7)
      expect(decodeJpeg(bytes.subarray(0, length), all)).toBeNull();
  });

  test('of damaged files, unless libjpeg sees the same in them', async () => {
    const bytes = bytesOf('kind-restarts.jpg');
    let refused = 0;
    for (let i = 0; i < 400; i++) {
      const random = rng('damage', i);
      const damaged = Buffer.from(bytes);
      damaged[random.int(bytes.length)]! ^= 1 << random.int(8);
      const image = decodeJpeg(damaged, all);
      if (!image) refused++;
      else {
        const same = await byLibjpeg(damaged).catch(() => null);
        expect(same && Buffer.compare(image.data, same), `damage ${i}`).toBe(0);
      }
    }
    expect(refused).toBeGreaterThan(50);
  });
});
