import { twoPasses } from './resize-passes.ts';

/** 8-bit RGB, rows from the top, three bytes a pixel. */
export interface RgbImage {
  data: Uint8Array;
  width: number;
  height: number;
}

/** A part of an image in its own pixels; may begin and end inside a pixel. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Pillow's filters: how far they reach, and their weight at a distance, both in pixels of the smaller image. */
const filters = {
  bilinear: { support: 1, weight: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: cubic },
};

export type ResizeFilter = keyof typeof filters;

/** Keys' cubic with a = -0.5. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
}

/**
 * Resizes a part of an image to `width` x `height` as Pillow does, to the bit: a filter as wide as the reduction (so that no pixel is
 * skipped), rows first, 22-bit weights, each pass rounded to 8 bits. torchvision's Resize on a PIL image is this. Gives `into`.
 * Source of the arithmetic: Pillow's Resample.c.
 */
export function resizeImage(
  image: RgbImage,
  width: number,
  height: number,
  box?: Box,
  filter: ResizeFilter = 'bilinear',
  into: Uint8Array = new Uint8Array(width * height * 3),
): Uint8Array {
  const { left, top, right, bottom } = box ?? {
    left: 0,
    top: 0,
    right: image.width,
    bottom: image.height,
  };
  const isWholeWidth = left === 0 && right === image.width && width === image.width;
  const isWholeHeight = top === 0 && bottom === image.height && height === image.height;
  const across = isWholeWidth ? null : weights(image.width, left, right, width, filter);
  const down = isWholeHeight ? null : weights(image.height, top, bottom, height, filter);
  if (across || down) twoPasses(image, width, height, across, down, into);
  else into.set(image.data);
  return into;
}

/** What each place of one side of the output is made of. */
export interface Weights {
  /** The first input pixel that counts, and how many do. */
  first: Int32Array;
  count: Int32Array;
  /** `size` weights a place, scaled by 2^22, adding up to about that. */
  values: Int32Array;
  size: number;
}

const precisionBits = 22;

function weights(
  inputSize: number,
  start: number,
  end: number,
  outputSize: number,
  filter: ResizeFilter,
): Weights {
  const scale = (end - start) / outputSize;
  const filterScale = Math.max(scale, 1);
  const { support, weight } = filters[filter];
  const reach = support * filterScale;
  const size = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(outputSize);
  const count = new Int32Array(outputSize);
  const values = new Int32Array(outputSize * size);
  const raw = new Float64Array(size);
  for (let out = 0; out < outputSize; out++) {
    const center = start + (out + 0.5) * scale;
    const from = Math.max(Math.trunc(center - reach + 0.5), 0);
    const to = Math.min(Math.trunc(center + reach + 0.5), inputSize);
    let sum = 0;
    for (let i = 0; i < to - from; i++) {
      raw[i] = weight((i + from - center + 0.5) / filterScale);
      sum += raw[i]!;
    }
    for (let i = 0; i < to - from; i++) {
      const share = (raw[i]! / sum) * (1 << precisionBits);
      values[out * size + i] = Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
    }
    first[out] = from;
    count[out] = to - from;
  }
  return { first, count, values, size };
}
