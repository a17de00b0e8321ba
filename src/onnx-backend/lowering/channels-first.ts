import { sizeOf } from '../graph.ts';
import { add, mul, unary } from '../ops/elementwise.ts';
import { reduce } from '../ops/reduce.ts';
import { reshape, transpose } from '../ops/shape.ts';
import type { Layout } from './layout.ts';

/** [batch, channels, height, width] as it stands: what ONNX's own operators work on. */
export const firstLayout: Layout = {
  name: 'first',
  enter: (g, x) => transpose(g, x, [0, 3, 1, 2]),
  leave: (g, x) => transpose(g, x, [0, 2, 3, 1]),
  enterFirst: (_g, x) => x,
  leaveFirst: (_g, x) => x,
  affine(g, x, scale, bias, sum, relu) {
    const column = [sizeOf(scale.shape), 1, 1];
    let y = add(g, mul(g, x, reshape(g, scale, column)), reshape(g, bias, column));
    if (sum) y = add(g, y, sum);
    return relu ? unary(g, 'Relu', y) : y;
  },
  channelSum: (g, x) => reduce(g, 'ReduceSum', x, [0, 2, 3]),
  channelDot: (g, x, y) => reduce(g, 'ReduceSum', mul(g, x, y), [0, 2, 3]),
  globalMean: (g, x) => reduce(g, 'ReduceMean', x, [2, 3]),
  pool: (g, op, x, window, shape) => g.node1(op, [x], 'float32', shape, { ...window }),
};
