import { add, div, mul, scalar, sub, unary } from '../ops/elementwise.ts';
import { kernel, type KernelTable } from './kernel.ts';

/** Batch normalization with given statistics: (x - mean) * scale / sqrt(variance + eps) + offset. */
export const norms: KernelTable = {
  FusedBatchNorm: kernel<'x' | 'mean' | 'variance' | 'offset' | 'scale', { varianceEpsilon: number }>(
    (g, { x, mean, variance, offset, scale }, { varianceEpsilon }) => {
      const deviation = unary(g, 'Sqrt', add(g, variance, scalar(g, 'float32', varianceEpsilon)));
      const a = div(g, scale ?? scalar(g, 'float32', 1), deviation);
      const shifted = mul(g, sub(g, x, mean), a);
      return offset ? add(g, shifted, offset) : shifted;
    },
  ),
};
