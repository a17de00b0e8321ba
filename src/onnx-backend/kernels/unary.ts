import type { Graph, Value } from '../graph.ts';
import { sizeOf } from '../graph.ts';
import { binary, cast, compare, div, mul, not, scalar, sub, unary, where } from '../ops/elementwise.ts';
import { kernel, type KernelTable } from './kernel.ts';

const plain = (op: string) => kernel<'x'>((g, { x }) => unary(g, op, x));
const floats = (op: string) => kernel<'x'>((g, { x }) => unary(g, op, cast(g, x, 'float32')));
const one = (g: Graph): Value => scalar(g, 'float32', 1);
const zero = (g: Graph): Value => scalar(g, 'float32', 0);

/** Kernels of one tensor, element by element. */
export const unaries: KernelTable = {
  Abs: plain('Abs'),
  Neg: plain('Neg'),
  Sign: plain('Sign'),
  Floor: plain('Floor'),
  Ceil: plain('Ceil'),
  Round: plain('Round'),
  Exp: floats('Exp'),
  Log: floats('Log'),
  Sqrt: floats('Sqrt'),
  Sigmoid: floats('Sigmoid'),
  Tanh: floats('Tanh'),
  Erf: floats('Erf'),
  Sin: floats('Sin'),
  Cos: floats('Cos'),
  Tan: floats('Tan'),
  Asin: floats('Asin'),
  Acos: floats('Acos'),
  Atan: floats('Atan'),
  Sinh: floats('Sinh'),
  Cosh: floats('Cosh'),
  Asinh: floats('Asinh'),
  Acosh: floats('Acosh'),
  Atanh: floats('Atanh'),
  Softplus: floats('Softplus'),
  Reciprocal: kernel<'x'>((g, { x }) => div(g, one(g), x)),
  Rsqrt: kernel<'x'>((g, { x }) => div(g, one(g), unary(g, 'Sqrt', x))),
  Square: kernel<'x'>((g, { x }) => mul(g, x, x)),
  Expm1: kernel<'x'>((g, { x }) => sub(g, unary(g, 'Exp', x), one(g))),
  Log1p: kernel<'x'>((g, { x }) => unary(g, 'Log', binary(g, 'Add', one(g), x))),

  Relu: kernel<'x'>((g, { x }) =>
    x.type === 'float32' ? unary(g, 'Relu', x) : binary(g, 'Max', x, scalar(g, x.type, 0)),
  ),
  Relu6: kernel<'x'>((g, { x }) => clip(g, x, 0, 6)),
  LeakyRelu: kernel<'x', { alpha: number }>((g, { x }, { alpha }) =>
    unary(g, 'LeakyRelu', x, { alpha: { float: alpha } }),
  ),
  Elu: floats('Elu'),
  Selu: floats('Selu'),
  // dy * (y >= 0 ? 1 : y + 1), from the result y alone.
  EluGrad: kernel<'dy' | 'y'>((g, { dy, y }) =>
    where(g, compare(g, 'GreaterOrEqual', y, zero(g)), dy, mul(g, dy, binary(g, 'Add', y, one(g)))),
  ),
  Prelu: kernel<'x' | 'alpha'>((g, { x, alpha }) =>
    where(g, compare(g, 'Less', x, zero(g)), mul(g, alpha, x), x),
  ),
  Step: kernel<'x', { alpha: number }>((g, { x }, { alpha }) => step(g, x, alpha)),
  ClipByValue: kernel<'x', { clipValueMin: number; clipValueMax: number }>((g, { x }, limits) =>
    clip(g, x, limits.clipValueMin, limits.clipValueMax),
  ),

  IsNan: kernel<'x'>((g, { x }) => unary(g, 'IsNaN', x, {}, 'bool')),
  IsInf: kernel<'x'>((g, { x }) => unary(g, 'IsInf', x, {}, 'bool')),
  // x - x is zero for finite numbers and NaN for all others.
  IsFinite: kernel<'x'>((g, { x }) => not(g, unary(g, 'IsNaN', sub(g, x, x), {}, 'bool'))),

  Cast: kernel<'x', { dtype: 'float32' | 'int32' | 'bool' }>((g, { x }, { dtype }) => cast(g, x, dtype)),
  Identity: kernel<'x'>((_, { x }) => x),
  ZerosLike: kernel<'x'>((g, { x }) => g.uniform(x.type, x.shape, 0)),
  OnesLike: kernel<'x'>((g, { x }) => g.uniform(x.type, x.shape, 1)),
  Fill: kernel<never, { shape: number[]; value: number; dtype?: 'float32' | 'int32' | 'bool' }>(
    (g, _, { shape, value, dtype }) => g.uniform(dtype ?? 'float32', shape, Number(value)),
  ),
};

function clip(g: Graph, x: Value, low: number, high: number): Value {
  if (sizeOf(x.shape) === 0) return x;
  return g.node1('Clip', [x, scalar(g, x.type, low), scalar(g, x.type, high)], x.type, x.shape);
}

/**
 * 1 above zero, else alpha; NaN stays NaN. With alpha zero it is min(1, max(0, x * 3e38)): one vectorised pass. The ReLU before it
 * changes nothing, and is mostly there already: what came before the ReLU then need not be kept for the gradient.
 */
function step(g: Graph, x: Value, alpha: number): Value {
  if (alpha === 0 && x.type === 'float32') {
    return unary(g, 'HardSigmoid', unary(g, 'Relu', x), { alpha: { float: 3e38 }, beta: { float: 0 } });
  }
  const isAbove = compare(g, 'Greater', x, scalar(g, x.type, 0));
  return where(g, isAbove, scalar(g, x.type, 1), scalar(g, x.type, alpha));
}
