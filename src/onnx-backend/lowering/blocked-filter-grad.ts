import type { Graph, Value } from '../graph.ts';
import type { Window } from '../kernels/window.ts';
import { concat, pad, reshape, slice, transpose } from '../ops/shape.ts';
import { blockedConv, blockFromEnd, blockToEnd } from './blocked.ts';

/** The largest number of bands that an image is cut into; each brings rows of its neighbours along. */
const MOST_BANDS = 4;

/** Bytes of a piece of dy: with what else is read beside it, it stays in the second-level cache of today's processors. */
const PIECE_BYTES = 512 * 1024;

/** Fewer rows in a piece would bring more rows of their neighbours along than they have. */
const FEWEST_ROWS = 2;

export interface FilterGradInputs {
  /** [N, I, H, W] blocked, or [N, H, W, I] when I is no multiple of a block. */
  x: Value;
  isBlocked: boolean;
  /** [N, O, h, w] blocked. */
  dy: Value;
}

/**
 * dw [O, I, kh, kw] as blocked convolutions: the batch takes the place of the channels, the channels of x that of the batch, and dy is the
 * filter. Such a filter is large and is read once per channel of x and row of taps, so pieces of rows that stay in the cache are taken one
 * after the other, each adding to the sum so far. A batch that is no multiple of a block is cut into bands of rows until it is. x is padded
 * first: the edges of an output as small as a filter would cost more. Null when the batch does not fit.
 */
export function blockedFilterGrad(
  g: Graph,
  { x, isBlocked, dy }: FilterGradInputs,
  window: Window,
  b: number,
): Value | null {
  const { kernel_shape, strides, pads, dilations } = window;
  const [batch, out, outHeight, outWidth] = dy.shape as [number, number, number, number];
  const bands = b / greatestCommonDivisor(batch, b);
  if (bands > MOST_BANDS || bands > outHeight) return null;
  const into = isBlocked ? x.shape[1]! : x.shape[3]!;
  const reach = (count: number, i: number): number =>
    (count - 1) * strides[i]! + (kernel_shape[i]! - 1) * dilations[i]! + 1;

  // x: [N, I/b, H, W, b] or [N, 1, H, W, I]; dy: [N, O/b, h, w, b].
  const blocks = isBlocked ? into / b : 1;
  const depth = isBlocked ? b : into;
  const [height, width] = isBlocked ? x.shape.slice(2) : x.shape.slice(1, 3);
  const planes = reshape(g, x, [batch, blocks, height!, width!, depth]);
  const gradient = reshape(g, dy, [batch, out / b, outHeight, outWidth, b]);
  const pieceRows = rowsOfPiece(outHeight, bands, batch * out * outWidth * 4);
  const allRows = Math.ceil(outHeight / bands) * bands;
  const padded = fit(g, planes, [pads[0]!, pads[1]!], [reach(allRows, 0), reach(outWidth, 1)]);
  const even = fit(g, gradient, [0, 0], [allRows, outWidth]);

  let taps: Value | null = null;
  for (let row = 0; row < allRows; row += pieceRows) {
    const rows = Math.min(pieceRows, allRows - row);
    const start = row * strides[0]!;
    const seen = slice(g, padded, [2], [start], [start + reach(rows, 0)]);
    const input = asInput(g, seen, {
      bands,
      b,
      bandStep: (rows / bands) * strides[0]!,
      rowsIn: reach(rows / bands, 0),
    });
    const filter = asFilter(g, slice(g, even, [2], [row], [row + rows]), bands);
    const shape = [into, out, ...kernel_shape];
    taps = blockedConv(
      g,
      input,
      filter,
      shape,
      { strides: dilations, dilations: strides, pads: [0, 0, 0, 0] },
      taps,
    );
  }
  return outFirst(g, taps!, b);
}

/** [I, O, kh, kw] blocked -> [O, I, kh, kw]: whole blocks change places first, then each is turned, both at the speed of a copy. */
function outFirst(g: Graph, taps: Value, b: number): Value {
  const [into, out, kh, kw] = taps.shape as [number, number, number, number];
  const inner = into * kh * kw;
  const exchanged = transpose(g, reshape(g, taps, [into, out / b, kh * kw * b]), [1, 0, 2]);
  return reshape(g, blockFromEnd(g, exchanged, [out / b, b, inner]), [out, into, kh, kw]);
}

/** Rows of dy in a piece, a multiple of the bands: as many as fit into the cache. */
function rowsOfPiece(rows: number, bands: number, bytesOfRow: number): number {
  const most = Math.ceil(rows / bands);
  const fitting = Math.max(FEWEST_ROWS, Math.floor(PIECE_BYTES / (bytesOfRow * bands)));
  if (fitting >= most) return most * bands;
  return Math.ceil(most / Math.ceil(most / fitting)) * bands;
}

/** [N, blocks, H, W, depth] cut into bands of `rowsIn` rows -> [blocks * depth, N * bands, rowsIn, W] with the batch in blocks. */
function asInput(
  g: Graph,
  x: Value,
  { bands, b, bandStep, rowsIn }: { bands: number; b: number; bandStep: number; rowsIn: number },
): Value {
  const [batch, blocks, , columns, depth] = x.shape as [number, number, number, number, number];
  const groups = (batch * bands) / b;
  const cut = Array.from({ length: bands }, (_, band) =>
    reshape(g, slice(g, x, [2], [band * bandStep], [band * bandStep + rowsIn]), [
      batch,
      1,
      blocks * rowsIn * columns * depth,
    ]),
  );
  const inner = rowsIn * columns;
  // The batch's block moved to the end, then channels first.
  const ends = blockToEnd(g, concat(g, cut, 1), [groups, b, blocks * inner * depth]);
  const parts = reshape(g, ends, [groups, blocks, inner, depth, b]);
  return reshape(g, transpose(g, parts, [1, 3, 0, 2, 4]), [blocks * depth, batch * bands, rowsIn, columns]);
}

/** [N, O/b, rows, w, b] -> [O/b, groups, band rows * w, b of the batch, b of out]: a filter [O, N * bands, band rows, w]. */
function asFilter(g: Graph, dy: Value, bands: number): Value {
  const [batch, blocks, rows, columns, b] = dy.shape as [number, number, number, number, number];
  const groups = (batch * bands) / b;
  const bandRows = rows / bands;
  const split = reshape(g, dy, [groups, b / bands, blocks, bands, bandRows * columns, b]);
  return reshape(g, transpose(g, split, [2, 0, 4, 1, 3, 5]), [blocks * b, batch * bands, bandRows, columns]);
}

/** [N, blocks, height, width, depth] with zeros before, and zeros after or cut off, so that it is `size` high and wide. */
function fit(g: Graph, x: Value, before: readonly [number, number], size: readonly [number, number]): Value {
  const after = [0, 1].map((i) => size[i]! - x.shape[2 + i]! - before[i]!);
  const grown = after.map((count) => Math.max(0, count));
  const padded = pad(g, x, [0, 0, ...before, 0], [0, 0, ...grown, 0]);
  return slice(g, padded, [2, 3], [0, 0], size);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
