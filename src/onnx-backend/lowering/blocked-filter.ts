import type { Graph, Value } from '../graph.ts';
import { gather, reshape, transpose } from '../ops/shape.ts';
import { blockToEnd } from './blocked.ts';

/**
 * A filter [out, in, kh, kw] in the order of blocked convolutions, [out/b, in/b, kh kw, b in, b out]; with fewer channels in than a block,
 * [out/b, in, kh kw, b out]. Two copies: out's block to the end, then the taps before in's block.
 */
export function blockedFilter(g: Graph, filter: Value, b: number): Value {
  const [out, into, kh, kw] = filter.shape as [number, number, number, number];
  const moved = blockToEnd(g, filter, [out / b, b, into * kh * kw]);
  if (into < b || kh * kw === 1) return reshape(g, moved, filter.shape);
  const taps = transpose(g, reshape(g, moved, [out / b, into / b, b, kh * kw, b]), [0, 1, 3, 2, 4]);
  return reshape(g, taps, filter.shape);
}

/**
 * The filter of the convolution that takes a gradient back: in and out exchanged, and of its taps those of `rows` and `columns` in that
 * order. [in, out, rows, columns] in the order of blocked convolutions, made from the blocked filter of the way forward.
 */
export function blockedBackFilter(
  g: Graph,
  filter: Value,
  b: number,
  rows: readonly number[],
  columns: readonly number[],
): Value {
  const [out, into, kh, kw] = filter.shape as [number, number, number, number];
  const shape = [into, out, rows.length, columns.length];
  if (kh * kw === 1) {
    // In two steps: one alone would read 64 bytes here and there over the whole filter.
    const squares = transpose(g, reshape(g, filter, [out / b, b, into / b, b]), [0, 2, 1, 3]);
    return reshape(g, transpose(g, reshape(g, squares, [out / b, into / b, b * b]), [1, 0, 2]), shape);
  }
  const taps = kh * kw;
  const forward = blockedFilter(g, filter, b);
  const flipped = reshape(g, blockToEnd(g, forward, [(out / b) * (into / b) * taps, b, b]), [
    out / b,
    into / b,
    taps,
    b * b,
  ]);
  const exchanged = transpose(g, flipped, [1, 0, 2, 3]);
  const places = rows.flatMap((row) => columns.map((column) => row * kw + column));
  const picked = gather(g, exchanged, g.constant('int32', [places.length], Int32Array.from(places)), 2);
  return reshape(g, picked, shape);
}
