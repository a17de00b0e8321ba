import type { Graph, Value } from '../graph.ts';
import type { Window } from '../kernels/window.ts';
import { concat, pad, reshape, slice, transpose } from '../ops/shape.ts';
import { blockedConv, blockToEnd, nchwc } from './blocked.ts';

/** The largest number of bands that a picture is cut into; each brings rows of its neighbours along. */
const MOST_BANDS = 4;

export interface FilterGradInputs {
  /** [N, I, H, W] blocked, or [N, H, W, I] when I is no multiple of a block. */
  x: Value;
  isBlocked: boolean;
  /** [N, O, h, w] blocked. */
  dy: Value;
}

/**
 * dw [O, I, kh, kw] as one blocked convolution: the batch takes the place of the channels, the channels of x that of the batch, and dy is the
 * filter. A batch that is no multiple of a block is cut into bands of rows until it is. x is padded first: the edges of an output as small as a
 * filter would cost more. Null when the batch does not fit.
 */
export function blockedFilterGrad(
  g: Graph,
  inputs: FilterGradInputs,
  window: Window,
  b: number,
): Value | null {
  const { x, isBlocked, dy } = inputs;
  const { kernel_shape, strides, pads, dilations } = window;
  const [batch, out, outHeight, outWidth] = dy.shape as [number, number, number, number];
  const bands = b / greatestCommonDivisor(batch, b);
  if (bands > MOST_BANDS || bands > outHeight) return null;
  const into = isBlocked ? x.shape[1]! : x.shape[3]!;
  const groups = (batch * bands) / b;
  const bandRows = Math.ceil(outHeight / bands);
  const reach = (count: number, i: number): number =>
    (count - 1) * strides[i]! + (kernel_shape[i]! - 1) * dilations[i]! + 1;
  const rowsIn = reach(bandRows, 0);
  const columnsIn = reach(outWidth, 1);

  // x: [N, I/b, H, W, b] or [N, H, W, I], padded, cut into bands, the batch's block moved to the end, then channels first.
  const blocks = isBlocked ? into / b : 1;
  const depth = isBlocked ? b : into;
  const [height, width] = isBlocked ? x.shape.slice(2) : x.shape.slice(1, 3);
  const planes = reshape(g, x, [batch, blocks, height!, width!, depth]);
  const padded = fit(g, planes, [pads[0]!, pads[1]!], [reach(bandRows * bands, 0), columnsIn]);
  const cut = Array.from({ length: bands }, (_, band) => {
    const start = band * bandRows * strides[0]!;
    return reshape(g, slice(g, padded, [2], [start], [start + rowsIn]), [
      batch,
      1,
      blocks * rowsIn * columnsIn * depth,
    ]);
  });
  const inner = rowsIn * columnsIn;
  const ends = reshape(g, blockToEnd(g, concat(g, cut, 1), [groups, b, blocks * inner * depth]), [
    groups,
    blocks,
    inner,
    depth,
    b,
  ]);
  const input = reshape(g, transpose(g, ends, [1, 3, 0, 2, 4]), [into, batch * bands, rowsIn, columnsIn]);

  // dy: [N, O/b, h, w, b] -> [O/b, groups, band rows * w, b of the batch, b of out].
  const gradient = reshape(g, dy, [batch, out / b, outHeight, outWidth, b]);
  const even = fit(g, gradient, [0, 0], [bandRows * bands, outWidth]);
  const split = reshape(g, even, [groups, b / bands, out / b, bands, bandRows * outWidth, b]);
  const filter = reshape(g, transpose(g, split, [2, 0, 4, 1, 3, 5]), [
    out,
    batch * bands,
    bandRows,
    outWidth,
  ]);

  const taps = blockedConv(g, input, filter, [into, out, ...kernel_shape], {
    strides: dilations,
    dilations: strides,
    pads: [0, 0, 0, 0],
  });
  const plain = g.node1('ReorderOutput', [taps], 'float32', taps.shape, { channels: out }, nchwc);
  return transpose(g, plain, [1, 0, 2, 3]);
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
