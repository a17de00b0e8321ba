import type { Graph, Value } from '../graph.ts';
import { add, binary, mul, scalar, unary, where, compare } from '../ops/elementwise.ts';
import { matmul } from '../ops/matmul.ts';
import { kernel, type KernelTable } from './kernel.ts';

type Flags = { transposeA: boolean; transposeB: boolean };
export type Activation = 'linear' | 'relu' | 'relu6' | 'elu' | 'prelu' | 'leakyrelu' | 'sigmoid';

/** Matrix products. */
export const matmuls: KernelTable = {
  BatchMatMul: kernel<'a' | 'b', Flags>((g, { a, b }, { transposeA, transposeB }) =>
    matmul(g, a, b, transposeA, transposeB),
  ),
  _FusedMatMul: kernel<'a' | 'b' | 'bias' | 'preluActivationWeights', Flags & Fused>(
    (g, { a, b, bias, preluActivationWeights }, attributes) => {
      const product = matmul(g, a, b, attributes.transposeA, attributes.transposeB);
      return activate(g, bias ? add(g, product, bias) : product, attributes, preluActivationWeights);
    },
  ),
};

export type Fused = { activation?: Activation; leakyreluAlpha?: number };

/** The activation that tfjs's fused kernels apply at their end. */
export function activate(g: Graph, x: Value, { activation, leakyreluAlpha }: Fused, slope?: Value): Value {
  switch (activation ?? 'linear') {
    case 'linear':
      return x;
    case 'relu':
      return unary(g, 'Relu', x);
    case 'relu6':
      return binary(g, 'Min', unary(g, 'Relu', x), scalar(g, 'float32', 6));
    case 'elu':
      return unary(g, 'Elu', x);
    case 'sigmoid':
      return unary(g, 'Sigmoid', x);
    case 'leakyrelu':
      return unary(g, 'LeakyRelu', x, { alpha: { float: leakyreluAlpha ?? 0.2 } });
    case 'prelu':
      return where(g, compare(g, 'Less', x, scalar(g, 'float32', 0)), mul(g, slope!, x), x);
  }
}
