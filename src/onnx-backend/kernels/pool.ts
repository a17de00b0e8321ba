import type { Graph, Value } from '../graph.ts';
import { kernel, type KernelTable } from './kernel.ts';
import {
  channelsFirstShape,
  fromChannelsFirst,
  poolInfo,
  toChannelsFirst,
  windowOf,
  type PoolAttributes,
} from './window.ts';

/** Pooling and its gradients; the gradients are lowered like those of convolutions. */
export const pools: KernelTable = {
  MaxPool: kernel<'x', PoolAttributes>((g, { x }, attributes) => pool(g, 'MaxPool', x, attributes)),
  AvgPool: kernel<'x', PoolAttributes>((g, { x }, attributes) => pool(g, 'AveragePool', x, attributes)),
  MaxPoolGrad: kernel<'dy' | 'input', PoolAttributes>((g, { dy, input }, attributes) =>
    poolGrad(g, 'MaxPoolGrad', [dy, input], input.shape, attributes),
  ),
  AvgPoolGrad: kernel<'dy' | 'input', PoolAttributes>((g, { dy, input }, attributes) =>
    poolGrad(g, 'AveragePoolGrad', [dy], input.shape, attributes),
  ),
};

function pool(g: Graph, op: string, x: Value, attributes: PoolAttributes): Value {
  const info = poolInfo(x.shape, attributes);
  const { kernel_shape, strides, pads } = windowOf(info);
  const y = g.node1(op, [toChannelsFirst(g, x)], 'float32', channelsFirstShape(info, 'out'), {
    kernel_shape,
    strides,
    pads,
  });
  return fromChannelsFirst(g, y);
}

function poolGrad(
  g: Graph,
  op: string,
  inputs: Value[],
  shape: readonly number[],
  attributes: PoolAttributes,
): Value {
  const info = poolInfo(shape, attributes);
  const { kernel_shape, strides, pads } = windowOf(info);
  const first = inputs.map((value) => toChannelsFirst(g, value));
  return fromChannelsFirst(
    g,
    g.node1(op, first, 'float32', channelsFirstShape(info, 'in'), { kernel_shape, strides, pads }, 'tandem'),
  );
}
