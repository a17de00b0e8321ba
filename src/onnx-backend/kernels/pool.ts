import type { Graph, Value } from '../graph.ts';
import { kernel, type KernelTable } from './kernel.ts';
import { poolInfo, windowOf, type PoolAttributes } from './window.ts';

/** Pooling and its gradients over [batch, height, width, channels]; lowered like convolutions. */
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
  const shape = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
  return g.node1(op, [x], 'float32', shape, { kernel_shape, strides, pads }, 'tandem');
}

function poolGrad(
  g: Graph,
  op: string,
  inputs: Value[],
  shape: readonly number[],
  attributes: PoolAttributes,
): Value {
  const { kernel_shape, strides, pads } = windowOf(poolInfo(shape, attributes));
  return g.node1(op, inputs, 'float32', shape, { kernel_shape, strides, pads }, 'tandem');
}
