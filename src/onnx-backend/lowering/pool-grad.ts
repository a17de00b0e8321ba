import type { Graph, Value } from '../graph.ts';
import { sizeOf } from '../graph.ts';
import { div } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
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
  const output_padding = [0, 1].map((i) => {
    const reach = (dy.shape[2 + i]! - 1) * strides[i]! + kernel_shape[i]!;
    return [height, width][i]! - (reach - pads[i]! - pads[2 + i]!);
  });
  const attributes = { kernel_shape, strides, pads, output_padding, group: 1 };
  const ones = g.uniform('float32', [1, 1, ...kernel_shape], 1);
  const dx = g.node1(
    'ConvTranspose',
    [planes, ones],
    'float32',
    [batch * channels, 1, height, width],
    attributes,
  );
  return reshape(g, dx, [batch, channels, height, width]);
}

/** How many real elements the window at `at` covers along one axis. */
function covered(at: number, stride: number, before: number, size: number, length: number): number {
  const start = at * stride - before;
  return Math.min(start + size, length) - Math.max(start, 0);
}
