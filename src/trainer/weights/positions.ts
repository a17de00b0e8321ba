import type { Tensor } from '../../store/tensors.ts';
import { toFloat32 } from '../../store/tensors.ts';

/** A vision transformer's table of positions: the class token's, then one a patch, row by row. */
const isTable = (name: string): boolean => /embeddings\.position_embeddings?(\.weight)?$/.test(name);

/** Rows and columns of patches that a table of positions of this shape stands for; null when it is none for a square. */
function sideOf(shape: readonly number[]): number | null {
  const side = Math.sqrt(shape.at(-2)! - 1);
  return Number.isInteger(side) && side > 0 ? side : null;
}

/** Whether a table of positions for images of another size can be brought to this shape. */
export function canResize(name: string, found: readonly number[], wanted: readonly number[]): boolean {
  if (!isTable(name) || found.length !== wanted.length || found.at(-1) !== wanted.at(-1)) return false;
  return sideOf(found) !== null && sideOf(wanted) !== null;
}

/**
 * Positions for more or fewer patches, as transformers' interpolate_pos_encoding: the class token's stays, the patches' are taken
 * from the old ones around them, by torch's bicubic (a = -0.75, without corners aligned).
 */
export function resizedPositions(found: Tensor, wanted: readonly number[]): Float32Array {
  const values = toFloat32(found);
  const width = wanted.at(-1)!;
  const from = sideOf(found.shape)!;
  const to = sideOf(wanted)!;
  const result = new Float32Array((1 + to * to) * width);
  result.set(values.subarray(0, width));
  const taps = Array.from({ length: to }, (_, at) => tapsAt((at + 0.5) * (from / to) - 0.5, from));
  for (let row = 0; row < to; row++)
    for (let column = 0; column < to; column++) {
      const start = (1 + row * to + column) * width;
      for (const [y, byRow] of taps[row]!)
        for (const [x, byColumn] of taps[column]!) {
          const source = (1 + y * from + x) * width;
          for (let i = 0; i < width; i++) result[start + i]! += byRow * byColumn * values[source + i]!;
        }
    }
  return result;
}

/** The four places around a point, held inside, and their weights. */
function tapsAt(point: number, count: number): [place: number, weight: number][] {
  const first = Math.floor(point);
  return [-1, 0, 1, 2].map((offset) => [
    Math.min(Math.max(first + offset, 0), count - 1),
    cubic(point - first - offset),
  ]);
}

function cubic(distance: number): number {
  const a = -0.75;
  const x = Math.abs(distance);
  return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}
