import type { Preprocessing } from './preprocessing.ts';

/** What each 8-bit value becomes, by colour: 3 x 256. */
export function normalTable({ mean, deviation }: Preprocessing): Float32Array {
  return Float32Array.from({ length: 768 }, (_, i) => {
    const colour = i >> 8;
    return ((i & 255) / 255 - mean[colour]!) / deviation[colour]!;
  });
}

/** Writes an image of `side` x `side` pixels, mirrored if asked, as the numbers of a `normalTable` into `output` from `start`. */
export function normalise(
  pixels: Uint8Array,
  side: number,
  flip: boolean,
  table: Float32Array,
  output: Float32Array,
  start: number,
): void {
  const stride = side * 3;
  for (let row = 0; row < side; row++) {
    let from = row * stride + (flip ? stride - 3 : 0);
    const step = flip ? -3 : 3;
    const end = start + (row + 1) * stride;
    for (let to = start + row * stride; to < end; to += 3) {
      output[to] = table[pixels[from]!]!;
      output[to + 1] = table[256 + pixels[from + 1]!]!;
      output[to + 2] = table[512 + pixels[from + 2]!]!;
      from += step;
    }
  }
}
