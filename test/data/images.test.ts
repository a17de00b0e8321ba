import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { normalise, normalTable } from '../../src/data/images/normalise.ts';
import { squeezed } from '../../src/data/images/preprocessing.ts';
import { decodeImage } from '../../src/data/images/images.ts';

// Expected pixels come from torchvision on Pillow: test/reference/preprocess.py.
const folder = join(import.meta.dirname, '../fixtures/data/pictures');
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
  photos: { file: string; side: number; png: string; points: [number, number][]; values: number[][] }[];
  kinds: Record<string, { tolerance: number; pixels: string }>;
};
const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));

/** Mean absolute difference by colour, on the scale 0 to 255. */
function differences(got: Uint8Array, right: Uint8Array): number[] {
  expect(got.length).toBe(right.length);
  const sums = [0, 0, 0];
  for (let i = 0; i < got.length; i++) sums[i % 3]! += Math.abs(got[i]! - right[i]!);
  return sums.map((sum) => (sum * 3) / got.length);
}

describe('photographs are resized as torchvision does', () => {
  test.each(expected.photos)('$file to $side', async ({ file, side, png, points, values }) => {
    const got = await decodeImage(bytesOf(file), side);
    const right = await sharp(join(folder, png)).raw().toBuffer();
    // The bar is 1; the filter is Pillow's to the bit, and the decoders agree.
    expect(Math.max(...differences(got, right))).toBeLessThanOrEqual(0.05);
    const normalised = normalise(got, normalTable(squeezed));
    for (const [index, [row, column]] of points.entries())
      for (let colour = 0; colour < 3; colour++)
        expect(normalised[(row * side + column) * 3 + colour]).toBeCloseTo(values[index]![colour]!, 1);
  });
});

test('a reduction of more than 8 times, begun by the decoder, stays within 1/255', async () => {
  const whole = {
    data: await sharp(join(folder, 'photo-large.jpg')).raw().toBuffer(),
    width: 1344,
    height: 1008,
  };
  const { resizeImage } = await import('../../src/data/images/resize.ts');
  for (const side of [16, 64, 100]) {
    const got = await decodeImage(bytesOf('photo-large.jpg'), side);
    expect(Math.max(...differences(got, resizeImage(whole, side, side)))).toBeLessThan(1);
  }
});

/** CMYK is converted by a profile, which Pillow does not do; AVIF decoders differ in how they enlarge the colour planes. */
const meanLimit: Record<string, number> = { 'kind-cmyk.jpg': 40, 'kind-still.avif': 3 };

describe('every kind of image becomes 8-bit sRGB', () => {
  test.each(Object.entries(expected.kinds))('%s', async (name, { tolerance, pixels }) => {
    const got = await decodeImage(bytesOf(name), 16);
    const right = Buffer.from(pixels, 'base64');
    const worst = got.reduce((most, value, i) => Math.max(most, Math.abs(value - right[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(tolerance);
    expect(Math.max(...differences(got, right))).toBeLessThan(meanLimit[name] ?? 1.5);
  });
});

describe('what is no image is an error that says so', () => {
  const names = readdirSync(folder).filter((name) => /\.(jpg|png|webp|gif|avif|tiff)$/.test(name));
  test.each(names)('%s, cut in the middle', async (name) => {
    const bytes = bytesOf(name);
    await expect(decodeImage(bytes.subarray(0, Math.floor(bytes.length * 0.6)), 16)).rejects.toThrow(
      /cut or damaged|known kind/,
    );
  });

  test('an empty file, a page, noise', async () => {
    await expect(decodeImage(Buffer.alloc(0), 16)).rejects.toThrow('the file is empty');
    await expect(decodeImage(Buffer.from('<!doctype html><p>Not found</p>'), 16)).rejects.toThrow(
      'a web page (HTML)',
    );
    await expect(decodeImage(Buffer.alloc(1000, 7), 16)).rejects.toThrow('known kind');
  });

  test('many at once: each has its own reason', async () => {
    // What libvips says of each kind when it stands alone; it has one buffer of errors for all that is decoded.
    const kinds: [Buffer, string][] = [
      [bytesOf('photo-small.jpg').subarray(0, 900), 'cut or damaged (VipsJpeg: premature end of JPEG image)'],
      [bytesOf('kind-grey.png').subarray(0, 120), 'cut or damaged (vipspng: libpng read error)'],
      [Buffer.alloc(1000, 7), 'not an image of a known kind'],
      [Buffer.alloc(0), 'the file is empty'],
    ];
    const good = bytesOf('photo-small.jpg');
    const reasons = await Promise.all(
      Array.from({ length: 320 }, (_, i) =>
        i % 5 === 4
          ? decodeImage(good, 16).then(() => null)
          : decodeImage(kinds[i % 5]![0], 16).catch((error: Error) => error.message),
      ),
    );
    expect(reasons).toEqual(Array.from({ length: 320 }, (_, i) => (i % 5 === 4 ? null : kinds[i % 5]![1])));
  });

  test('too many pixels are refused before they are decoded', async () => {
    const png = Buffer.from(bytesOf('kind-grey.png'));
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    png.writeInt32BE(crc32(png.subarray(12, 29)), 29);
    await expect(decodeImage(png, 16)).rejects.toThrow('more than 268 million pixels');
  });
});

/** PNG's check sum of a chunk's kind and data. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc;
}

describe('SVG', () => {
  const svg = (inside: string, size = 'width="32" height="32"'): Buffer =>
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size} viewBox="0 0 32 32">${inside}</svg>`,
    );
  const at = (pixels: Uint8Array, side: number, x: number, y: number): number[] =>
    Array.from(pixels.subarray((y * side + x) * 3, (y * side + x) * 3 + 3));

  test('is drawn on white, as large as needed', async () => {
    const half = svg('<rect width="16" height="32" fill="#f00"/>');
    for (const side of [16, 224]) {
      const pixels = await decodeImage(half, side);
      expect(at(pixels, side, 1, 1)).toEqual([255, 0, 0]);
      expect(at(pixels, side, side - 2, side - 2)).toEqual([255, 255, 255]);
    }
    // Drawn at 224, the edge is sharp: an enlarged 32-pixel drawing would be blurred over 7 pixels.
    const row = (await decodeImage(half, 224)).subarray(0, 224 * 3);
    const between = row.filter((value, i) => i % 3 === 1 && value > 5 && value < 250).length;
    expect(between).toBeLessThanOrEqual(2);
  });

  test('opens no other file and no address', async () => {
    const secret = mkdtempSync(join(tmpdir(), 'tandem-secret-'));
    const file = join(secret, 'secret.png');
    writeFileSync(
      file,
      await sharp({ create: { width: 8, height: 8, channels: 3, background: '#00f' } })
        .png()
        .toBuffer(),
    );
    writeFileSync(join(secret, 'secret.svg'), svg('<rect id="r" width="32" height="32" fill="#00f"/>'));
    const here = process.cwd();
    process.chdir(secret);
    try {
      for (const reference of [
        file,
        `file://${file}`,
        'secret.png',
        './secret.png',
        'http://127.0.0.1:9/x.png',
        'secret.svg#r',
      ]) {
        for (const inside of [
          `<image href="${reference}" width="32" height="32"/>`,
          `<image xlink:href="${reference}" width="32" height="32"/>`,
          `<use href="${reference}"/>`,
          `<style>@import url("${reference}"); rect { fill: url("${reference}"); }</style><rect width="32" height="32"/>`,
          `<filter id="f"><feImage href="${reference}"/></filter><rect width="32" height="32" fill="#fff" filter="url(#f)"/>`,
        ]) {
          const pixels = await decodeImage(svg(inside), 16).catch(() => new Uint8Array(0));
          for (let i = 0; i < pixels.length; i += 3) {
            const isBlue = pixels[i]! < 100 && pixels[i + 1]! < 100 && pixels[i + 2]! > 150;
            expect(isBlue, `${inside} shows the other file`).toBe(false);
          }
        }
      }
      const entity = Buffer.from(
        `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://${join(secret, 'secret.svg')}">]><svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">&x;</svg>`,
      );
      const pixels = await decodeImage(entity, 16).catch(() => new Uint8Array(0));
      expect(pixels.every((value) => value === 255)).toBe(true);
    } finally {
      process.chdir(here);
      rmSync(secret, { recursive: true });
    }
  });

  test('of absurd size is refused', async () => {
    await expect(decodeImage(svg('', 'width="1000000" height="1000000"'), 16)).rejects.toThrow();
  });
});

test('a part of an image is what Pillow resizes from that box', async () => {
  const { resizeImage } = await import('../../src/data/images/resize.ts');
  const whole = {
    data: await sharp(join(folder, 'photo-small.jpg')).raw().toBuffer(),
    width: 60,
    height: 45,
  };
  const got = await decodeImage(bytesOf('photo-small.jpg'), 16, {
    left: 0.25,
    top: 0.2,
    width: 0.5,
    height: 0.6,
  });
  const cut = await sharp(join(folder, 'photo-small.jpg'))
    .extract({ left: 15, top: 9, width: 30, height: 27 })
    .raw()
    .toBuffer();
  const right = resizeImage({ data: cut, width: 30, height: 27 }, 16, 16);
  const inside = [...Array(256).keys()].filter((i) => i % 16 > 1 && i % 16 < 14 && i > 31 && i < 224);
  for (const i of inside) expect(got[i * 3]).toBe(right[i * 3]);
  expect(resizeImage(whole, 60, 45)).toEqual(new Uint8Array(whole.data));
});
