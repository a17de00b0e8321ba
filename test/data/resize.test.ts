import { describe, expect, test } from 'vitest';
import { rng } from '../../src/data/hash.ts';
import { resizeImage, type Box, type ResizeFilter, type RgbImage } from '../../src/data/images/resize.ts';

// Pillow's Resample.c written down as plainly as it can be, one side at a time; photo-*.png and the preprocessing fixtures come from Pillow itself.
const supports = { bilinear: 1, bicubic: 2 };

function weightAt(filter: ResizeFilter, distance: number): number {
  const x = Math.abs(distance);
  if (filter === 'bilinear') return Math.max(0, 1 - x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
}

/** One line of `length` values, of which `start` to `end` becomes `size`. */
function lineOf(line: number[], start: number, end: number, size: number, filter: ResizeFilter): number[] {
  const scale = (end - start) / size;
  const wide = Math.max(scale, 1);
  return Array.from({ length: size }, (_, place) => {
    const center = start + (place + 0.5) * scale;
    const from = Math.max(Math.trunc(center - supports[filter] * wide + 0.5), 0);
    const to = Math.min(Math.trunc(center + supports[filter] * wide + 0.5), line.length);
    const shares = line.slice(from, to).map((_, i) => weightAt(filter, (i + from - center + 0.5) / wide));
    const sum = shares.reduce((total, share) => total + share, 0);
    const value = shares.reduce((total, share, i) => {
      const scaled = (share / sum) * 2 ** 22;
      return total + line[from + i]! * Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }, 2 ** 21);
    return Math.min(255, Math.max(0, Math.floor(value / 2 ** 22)));
  });
}

function plainly(image: RgbImage, width: number, height: number, box: Box, filter: ResizeFilter): Uint8Array {
  const output = new Uint8Array(width * height * 3);
  for (let colour = 0; colour < 3; colour++) {
    const rows = Array.from({ length: image.height }, (_, y) => {
      const row = Array.from(
        { length: image.width },
        (_, x) => image.data[(y * image.width + x) * 3 + colour]!,
      );
      const isWhole = box.left === 0 && box.right === image.width && width === image.width;
      return isWhole ? row : lineOf(row, box.left, box.right, width, filter);
    });
    for (let x = 0; x < width; x++) {
      const column = rows.map((row) => row[x]!);
      const isWhole = box.top === 0 && box.bottom === image.height && height === image.height;
      const resized = isWhole ? column : lineOf(column, box.top, box.bottom, height, filter);
      for (let y = 0; y < height; y++) output[(y * width + x) * 3 + colour] = resized[y]!;
    }
  }
  return output;
}

describe('four pixels at a time give what one at a time gives', () => {
  // Noise, black and white (a cubic's sums go beyond both), sides of one pixel, sides that stay, parts that begin inside a pixel, images of several bands.
  test.each(Array.from({ length: 60 }, (_, i) => i))('image %i', (i) => {
    const random = rng('resize', i);
    const side = (most: number): number => 1 + random.int(most);
    const [width, height] = i % 10 === 9 ? [1500 + side(200), 300] : [side(90), side(90)];
    const isHard = i % 3 === 0;
    const data = Uint8Array.from({ length: width * height * 3 }, () =>
      isHard ? random.int(2) * 255 : random.int(256),
    );
    const whole = { left: 0, top: 0, right: width, bottom: height };
    const part = {
      left: width * 0.4 * random.next(),
      top: height * 0.4 * random.next(),
      right: width * (0.6 + 0.4 * random.next()),
      bottom: height * (0.6 + 0.4 * random.next()),
    };
    const box = i % 4 === 0 ? part : whole;
    const filter = i % 2 ? 'bicubic' : 'bilinear';
    const columns = i % 5 === 1 ? width : side(70);
    const rows = i % 5 === 2 ? height : side(70);
    const image = { data, width, height };
    expect(resizeImage(image, columns, rows, box, filter)).toEqual(
      plainly(image, columns, rows, box, filter),
    );
  });
});
