import type { Attribute, Graph, Value } from '../graph.ts';
import { mul, scalar } from '../ops/elementwise.ts';
import { reduce } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { channelsFirst, channelsLast, type Layout } from './layout.ts';

/**
 * The layout of ONNX Runtime's fast convolutions: [batch, channels / b, height, width, b], which its operators of domain
 * com.microsoft.nchwc take under the shape [batch, channels, height, width]. Its own optimiser uses them only for constant weights; written
 * into the graph they serve training too. A depthwise 1x1 convolution there is x * scale + bias + sum with a ReLU in one pass over memory.
 */
const nchwc = 'com.microsoft.nchwc';

const point = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };

export const blockedLayout: Layout = {
  name: 'blocked',
  enter: (g, x) =>
    g.node1('ReorderInput', [x], 'float32', channelsFirst(x.shape), { channels_last: 1 }, nchwc),
  leave: (g, x) =>
    g.node1(
      'ReorderOutput',
      [x],
      'float32',
      channelsLast(x.shape),
      { channels: x.shape[1]!, channels_last: 1 },
      nchwc,
    ),
  enterFirst: (g, x) => g.node1('ReorderInput', [x], 'float32', x.shape, {}, nchwc),
  leaveFirst: (g, x) => g.node1('ReorderOutput', [x], 'float32', x.shape, { channels: x.shape[1]! }, nchwc),
  affine(g, x, scale, bias, sum, relu) {
    const channels = x.shape[1]!;
    const inputs = [x, reshape(g, scale, [channels, 1, 1, 1]), reshape(g, bias, [channels])];
    if (sum) inputs.push(sum);
    const activation: Record<string, Attribute> = relu ? { activation: 'Relu' } : {};
    return g.node1('Conv', inputs, 'float32', x.shape, { ...point, group: channels, ...activation }, nchwc);
  },
  channelSum(g, x) {
    const means = reduce(g, 'ReduceSum', this.globalMean(g, x), [0]);
    return mul(g, means, scalar(g, 'float32', x.shape[2]! * x.shape[3]!));
  },
  // One plane of x against one of y is a depthwise convolution whose filter is as large as the image, batch and channels taken together.
  channelDot(g, x, y) {
    const [batch, channels, height, width] = x.shape as [number, number, number, number];
    const planes = batch * channels;
    const inputs = [reshape(g, x, [1, planes, height, width]), reshape(g, y, [planes, 1, height, width])];
    const attributes = { ...point, kernel_shape: [height, width], group: planes };
    const dots = g.node1('Conv', inputs, 'float32', [1, planes, 1, 1], attributes, nchwc);
    return reduce(g, 'ReduceSum', reshape(g, dots, [batch, channels]), [0]);
  },
  globalMean(g, x) {
    const [batch, channels] = x.shape as [number, number];
    return reshape(g, g.node1('GlobalAveragePool', [x], 'float32', [batch, channels, 1, 1], {}, nchwc), [
      batch,
      channels,
    ]);
  },
  pool: (g, op, x, window, shape) => g.node1(op, [x], 'float32', shape, { ...window }, nchwc),
};

/** A blocked convolution of x with a blocked filter, plus `sum` of the result's shape; shapes in ONNX's order. */
export function blockedConv(
  g: Graph,
  x: Value,
  filter: Value,
  shape: readonly number[],
  window: { strides: readonly number[]; pads: readonly number[]; dilations: readonly number[] },
  sum: Value | null = null,
): Value {
  const { strides, pads, dilations } = window;
  const attributes = { kernel_shape: filter.shape.slice(2), strides, pads, dilations, group: 1 };
  const inputs = sum ? [x, filter, null, sum] : [x, filter];
  return g.node1('Conv', inputs, 'float32', shape, attributes, nchwc);
}

/** The middle axis of [outer, b, inner] moved to the end: what ReorderInput does, at the speed of a copy. */
export function blockToEnd(g: Graph, x: Value, [outer, b, inner]: readonly [number, number, number]): Value {
  return g.node1(
    'ReorderInput',
    [reshape(g, x, [outer, b, 1, inner])],
    'float32',
    [outer, b, 1, inner],
    {},
    nchwc,
  );
}

/** The way back: [outer, inner, b] to [outer, b, inner]. */
export function blockFromEnd(
  g: Graph,
  x: Value,
  [outer, b, inner]: readonly [number, number, number],
): Value {
  const shape = [outer, b, 1, inner];
  return g.node1('ReorderOutput', [reshape(g, x, shape)], 'float32', shape, { channels: b }, nchwc);
}

/** The blocked convolution that made `y` with `sum` added in the same pass; null when y is none, or has a sum already. */
export function withSum(g: Graph, y: Value, sum: Value): Value | null {
  const { node } = y;
  if (node?.op !== 'Conv' || node.domain !== nchwc || node.inputs.length > 2 || node.attributes.group !== 1)
    return null;
  return g.node1('Conv', [...node.inputs, null, sum], 'float32', y.shape, node.attributes, nchwc);
}
