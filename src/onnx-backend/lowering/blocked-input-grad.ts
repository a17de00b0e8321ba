import type { Graph, Value } from '../graph.ts';
import type { Window } from '../kernels/window.ts';
import { concat, pad, reshape, slice } from '../ops/shape.ts';
import { blockedConv } from './blocked.ts';
import { blockedBackFilter } from './blocked-filter.ts';

/**
 * dy [N, O, h, w] blocked, filter [O, I, kh, kw] -> dx [N, I, H, W] blocked. Every stride'th row (column) of dx sees only every stride'th tap: each such phase
 * is a convolution of dy with its own few taps, and the phases are interleaved. With stride 1 there is one phase. Null when the window is not one of those.
 */
export function blockedInputGrad(
  g: Graph,
  dy: Value,
  filter: Value,
  shape: readonly number[],
  window: Window,
  b: number,
): Value | null {
  const { strides, pads, dilations } = window;
  if (dilations.some((dilation) => dilation !== 1)) return null;
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const rows = phases(filter.shape[2]!, strides[0]!, pads[0]!, height, dy.shape[2]!);
  const columns = phases(filter.shape[3]!, strides[1]!, pads[1]!, width, dy.shape[3]!);
  if ([...rows, ...columns].some(({ before, after }) => before < 0 || after < 0)) return null;
  const [highRows, highColumns] = [Math.ceil(height / strides[0]!), Math.ceil(width / strides[1]!)];
  const partShape = [batch, channels, highRows, highColumns];
  const part = (row: Phase, column: Phase): Value => {
    if (row.taps.length === 0 || column.taps.length === 0) return g.uniform('float32', partShape, 0);
    const own = {
      strides: [1, 1],
      dilations: [1, 1],
      pads: [row.before, column.before, row.after, column.after],
    };
    return blockedConv(g, dy, blockedBackFilter(g, filter, b, row.taps, column.taps), partShape, own);
  };
  const parts = rows.map((row) => columns.map((column) => part(row, column)));
  const whole = interleave(g, parts, b);
  const [wholeHeight, wholeWidth] = [highRows * strides[0]!, highColumns * strides[1]!];
  if (wholeHeight === height && wholeWidth === width) return reshape(g, whole, shape);
  const planes = reshape(g, whole, [batch, channels / b, wholeHeight, wholeWidth, b]);
  return reshape(g, slice(g, planes, [2, 3], [0, 0], [height, width]), shape);
}

interface Phase {
  /** Taps of the filter in the order in which the convolution meets them. */
  taps: number[];
  before: number;
  after: number;
}

/** The phases along one axis: dx[stride q + phase] = sum over taps t of dy[(stride q + phase + pad - t) / stride], where that is whole. */
function phases(
  kernel: number,
  stride: number,
  padding: number,
  size: number,
  gradientSize: number,
): Phase[] {
  const count = Math.ceil(size / stride);
  return Array.from({ length: stride }, (_, phase) => {
    const first = (phase + padding) % stride;
    const taps: number[] = [];
    for (let tap = first; tap < kernel; tap += stride) taps.unshift(tap);
    const before = taps.length - 1 - (phase + padding - first) / stride;
    return { taps, before, after: taps.length === 0 ? 0 : count + taps.length - 1 - gradientSize - before };
  }).map((phase) => (phase.taps.length === 0 ? { ...phase, before: 0 } : phase));
}

/** parts[row phase][column phase] of [N, I, h, w] blocked -> the blocked values in order, [N I/b, h, phases, w, phases, b] flattened. */
function interleave(g: Graph, parts: Value[][], b: number): Value {
  const [batch, channels, height, width] = parts[0]![0]!.shape as [number, number, number, number];
  const planes = batch * (channels / b);
  const [high, wide] = [parts.length, parts[0]!.length];
  if (high === 1 && wide === 1) return parts[0]![0]!;
  const isEmpty = parts.flat().map((part) => part.constant !== null);
  if (isEmpty.slice(1).every(Boolean)) {
    const one = reshape(g, parts[0]![0]!, [planes * height, 1, width, 1, b]);
    return pad(g, one, [0, 0, 0, 0, 0], [0, high - 1, 0, wide - 1, 0]);
  }
  const joined = parts.map((row) => {
    const cells = row.map((part) => reshape(g, part, [planes * height * width, 1, b]));
    return reshape(g, concat(g, cells, 1), [planes * height, 1, width * wide * b]);
  });
  return concat(g, joined, 1);
}
