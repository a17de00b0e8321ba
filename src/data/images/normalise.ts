import type { Preprocessing } from './preprocessing.ts';

/** What each 8-bit value becomes, by colour: 3 x 256. */
export function normalTable({ mean, deviation }: Preprocessing): Float32Array {
  return Float32Array.from({ length: 768 }, (_, i) => {
    const colour = i >> 8;
    return ((i & 255) / 255 - mean[colour]!) / deviation[colour]!;
  });
}

/** 8-bit RGB as the numbers of a `normalTable`, for whom computes outside of our graphs (in them: `normalised`). */
export function normalise(pixels: Uint8Array, table: Float32Array): Float32Array {
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    values[i] = table[pixels[i]!]!;
    values[i + 1] = table[256 + pixels[i + 1]!]!;
    values[i + 2] = table[512 + pixels[i + 2]!]!;
  }
  return values;
}
