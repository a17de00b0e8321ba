import type { Graph, Value } from '../graph.ts';
import { sizeOf } from '../graph.ts';
import { cast, compare, div, mul, sub } from '../ops/elementwise.ts';
import { concat, pad, reshape, slice } from '../ops/shape.ts';
import type { PoolWindow } from './layout.ts';

/** [N, C, h, w], [N, C, H, W] -> [N, C, H, W]: dy goes to the place of each window's (first) maximum; places of several windows get the sum. */
export function maxPoolGrad(g: Graph, dy: Value, x: Value, window: PoolWindow): Value {
  const outputs = [
    { type: 'float32', shape: dy.shape },
    { type: 'int64', shape: dy.shape },
  ] as const;
  const places = g.node('MaxPool', [x], outputs, { ...window })[1]!;
  const zeros = g.uniform('float32', [sizeOf(x.shape)], 0);
  const flat = [reshape(g, places, [sizeOf(dy.shape)]), reshape(g, dy, [sizeOf(dy.shape)])];
  const sums = g.node1('ScatterElements', [zeros, ...flat], 'float32', zeros.shape, {
    axis: 0,
    reduction: 'add',
  });
  return reshape(g, sums, x.shape);
}

/**
 * The same without the places of the maxima, which WebGPU's pooling does not tell: each place of the window takes dy where it holds the maximum
 * and none before it did, and a transposed convolution puts it back.
 */
export function maxPoolGradByPlace(g: Graph, dy: Value, x: Value, window: PoolWindow): Value {
  const { kernel_shape, strides, pads } = window as {
    [Key in keyof PoolWindow]: [number, number, number, number];
  };
  const [batch, channels] = x.shape as [number, number];
  const [, , outHeight, outWidth] = dy.shape as [number, number, number, number];
  const [tall, wide] = kernel_shape;
  const largest = g.node1('MaxPool', [x], 'float32', dy.shape, { ...window });
  const padded = pad(g, x, [0, 0, pads[0], pads[1]], [0, 0, pads[2], pads[3]], { value: lowest });
  let free = g.uniform('float32', dy.shape, 1);
  const shares: Value[] = [];
  for (let place = 0; place < tall * wide; place++) {
    const [row, column] = [Math.floor(place / wide), place % wide];
    const ends = [row + (outHeight - 1) * strides[0] + 1, column + (outWidth - 1) * strides[1] + 1];
    const values = slice(g, padded, [2, 3], [row, column], ends, [strides[0], strides[1]]);
    const isTaken = mul(g, free, cast(g, compare(g, 'Equal', values, largest), 'float32'));
    free = sub(g, free, isTaken);
    shares.push(reshape(g, mul(g, dy, isTaken), [batch * channels, 1, outHeight, outWidth]));
  }
  // Filter `place` has its one at that place of the window.
  const filters = new Float32Array((tall * wide) ** 2);
  for (let place = 0; place < tall * wide; place++) filters[place * tall * wide + place] = 1;
  return putBack(
    g,
    concat(g, shares, 1),
    g.constant('float32', [tall * wide, 1, tall, wide], filters),
    x.shape,
    window,
  );
}

/** Below all that a network computes. */
const lowest = -3.4e38;

/** dy divided by the number of real elements of its window, spread over the window. */
export function averagePoolGrad(g: Graph, dy: Value, shape: readonly number[], window: PoolWindow): Value {
  const { kernel_shape, strides, pads } = window;
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const [, , outHeight, outWidth] = dy.shape as [number, number, number, number];
  const counts = new Float32Array(outHeight * outWidth).map((_, at) => {
    const rows = covered(Math.floor(at / outWidth), strides[0]!, pads[0]!, kernel_shape[0]!, height);
    return rows * covered(at % outWidth, strides[1]!, pads[1]!, kernel_shape[1]!, width);
  });
  const share = div(g, dy, g.constant('float32', [1, 1, outHeight, outWidth], counts));
  const planes = reshape(g, share, [batch * channels, 1, outHeight, outWidth]);
  return putBack(g, planes, g.uniform('float32', [1, 1, ...kernel_shape], 1), shape, window);
}

/** Spreads planes [N * C, filters, h, w] by filters [filters, 1, rows, columns] over the windows that they came from: [N, C, H, W]. */
function putBack(
  g: Graph,
  planes: Value,
  filters: Value,
  shape: readonly number[],
  { kernel_shape, strides, pads }: PoolWindow,
): Value {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const output_padding = [0, 1].map((i) => {
    const reach = (planes.shape[2 + i]! - 1) * strides[i]! + kernel_shape[i]!;
    return [height, width][i]! - (reach - pads[i]! - pads[2 + i]!);
  });
  const attributes = { kernel_shape, strides, pads, output_padding, group: 1 };
  const spread = [batch * channels, 1, height, width];
  return reshape(g, g.node1('ConvTranspose', [planes, filters], 'float32', spread, attributes), shape);
}

/** How many real elements the window at `at` covers along one axis. */
function covered(at: number, stride: number, before: number, size: number, length: number): number {
  const start = at * stride - before;
  return Math.min(start + size, length) - Math.max(start, 0);
}
