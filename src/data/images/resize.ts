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
 * skipped), rows first, 22-bit weights, each pass rounded to 8 bits. torchvision's Resize on a PIL image is this.
 * Source of the arithmetic: Pillow's Resample.c.
 */
export function resizeImage(
  image: RgbImage,
  width: number,
  height: number,
  box?: Box,
  filter: ResizeFilter = 'bilinear',
): Uint8Array {
  const { left, top, right, bottom } = box ?? {
    left: 0,
    top: 0,
    right: image.width,
    bottom: image.height,
  };
  const down = weights(image.height, top, bottom, height, filter);
  const isWholeWidth = left === 0 && right === image.width && width === image.width;
  const isWholeHeight = top === 0 && bottom === image.height && height === image.height;
  if (isWholeWidth && isWholeHeight) return new Uint8Array(image.data);
  // Only the rows that the second pass needs.
  const firstRow = isWholeHeight ? 0 : down.first[0]!;
  const lastRow = isWholeHeight ? height : down.first[height - 1]! + down.count[height - 1]!;
  const rows = isWholeWidth
    ? image.data.subarray(firstRow * width * 3, lastRow * width * 3)
    : resizeRows(image, firstRow, lastRow, weights(image.width, left, right, width, filter), width);
  return isWholeHeight ? rows : resizeColumns(rows, width, height, down, firstRow);
}

interface Weights {
  /** By output pixel: the first input pixel that counts, and how many do. */
  first: Int32Array;
  count: Int32Array;
  /** `size` weights an output pixel, scaled by 2^22, adding up to about that. */
  values: Int32Array;
  size: number;
}

const precisionBits = 22;
const half = 1 << (precisionBits - 1);

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

/** Rows `firstRow` to `lastRow` (exclusive), each resized to `width`. */
function resizeRows(
  image: RgbImage,
  firstRow: number,
  lastRow: number,
  across: Weights,
  width: number,
): Uint8Array {
  const { data } = image;
  const { first, count, values, size } = across;
  // Clamped: a cubic's sums go beyond 0 and 255 at edges.
  const output = new Uint8ClampedArray((lastRow - firstRow) * width * 3);
  let to = 0;
  for (let row = firstRow; row < lastRow; row++) {
    const rowStart = row * image.width * 3;
    for (let x = 0; x < width; x++) {
      let from = (rowStart + first[x]! * 3) | 0;
      let red = half;
      let green = half;
      let blue = half;
      const weightEnd = (x * size + count[x]!) | 0;
      // `| 0` keeps the sums 32-bit integers, which they never exceed: a third less time.
      for (let k = (x * size) | 0; k < weightEnd; k++) {
        const weight = values[k]!;
        red = (red + Math.imul(data[from]!, weight)) | 0;
        green = (green + Math.imul(data[from + 1]!, weight)) | 0;
        blue = (blue + Math.imul(data[from + 2]!, weight)) | 0;
        from = (from + 3) | 0;
      }
      output[to] = red >> precisionBits;
      output[to + 1] = green >> precisionBits;
      output[to + 2] = blue >> precisionBits;
      to += 3;
    }
  }
  return new Uint8Array(output.buffer);
}

/** Columns resized to `height`; `rows` begins at row `firstRow` of the image. */
function resizeColumns(
  rows: Uint8Array,
  width: number,
  height: number,
  down: Weights,
  firstRow: number,
): Uint8Array {
  const { first, count, values, size } = down;
  const stride = width * 3;
  const output = new Uint8ClampedArray(height * stride);
  for (let y = 0; y < height; y++) {
    const top = (first[y]! - firstRow) * stride;
    const weightStart = y * size;
    const taps = count[y]!;
    const to = y * stride;
    for (let x = 0; x < stride; x += 3) {
      let from = (top + x) | 0;
      let red = half;
      let green = half;
      let blue = half;
      for (let k = 0; k < taps; k++) {
        const weight = values[weightStart + k]!;
        red = (red + Math.imul(rows[from]!, weight)) | 0;
        green = (green + Math.imul(rows[from + 1]!, weight)) | 0;
        blue = (blue + Math.imul(rows[from + 2]!, weight)) | 0;
        from = (from + stride) | 0;
      }
      output[to + x] = red >> precisionBits;
      output[to + x + 1] = green >> precisionBits;
      output[to + x + 2] = blue >> precisionBits;
    }
  }
  return new Uint8Array(output.buffer);
}
