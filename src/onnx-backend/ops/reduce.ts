import type { Graph, Value } from '../graph.ts';
import { sizeOf } from '../graph.ts';
import { unexpanded } from './broadcast.ts';
import { mul, scalar } from './elementwise.ts';
import { int64s, reshape } from './shape.ts';

export type Reduction = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd';

/** x reduced over axes. Sums, means, and extremes of repeated values are taken before the repetition. */
export function reduce(g: Graph, op: Reduction, x: Value, axes: readonly number[], keepDims = false): Value {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  const short = unexpanded(g, x);
  if (short !== x && op !== 'ReduceProd' && x.type === 'float32') {
    const source = reshape(g, short, [...x.shape.map(() => 1).slice(short.shape.length), ...short.shape]);
    const repeats = axes.reduce((n, axis) => (source.shape[axis] === 1 ? n * x.shape[axis]! : n), 1);
    const inner = reduceLong(g, op, source, axes);
    const scaled = op === 'ReduceSum' ? mul(g, inner, scalar(g, x.type, repeats)) : inner;
    // What is still repeated along the axes that stay is repeated again.
    const back = mulOnes(g, scaled, kept);
    return reshape(g, back, shape);
  }
  return reshape(g, reduceLong(g, op, x, axes), shape);
}

/** Reduces with axes kept, leaving out axes of size one: reducing them changes nothing. */
function reduceLong(g: Graph, op: Reduction, x: Value, axes: readonly number[]): Value {
  const long = axes.filter((axis) => x.shape[axis] !== 1);
  if (long.length === 0) return x;
  const shape = x.shape.map((size, axis) => (long.includes(axis) ? 1 : size));
  if (x.constant && 'uniform' in x.constant && op !== 'ReduceProd') {
    const count = sizeOf(x.shape) / sizeOf(shape);
    return g.uniform(x.type, shape, op === 'ReduceSum' ? x.constant.uniform * count : x.constant.uniform);
  }
  const last = trailingRun(x.shape, long);
  if (last.length < long.length && !isFast(x.shape, long)) {
    // ONNX Runtime walks element by element where kept and reduced axes alternate more than twice: one run at a time is 5 times faster.
    const rest = long.filter((axis) => !last.includes(axis));
    return reduceLong(g, op, reduceLong(g, op, x, last), rest);
  }
  return g.node1(op, [x, int64s(g, long)], x.type, shape, { keepdims: 1 });
}

/** The last reduced axes that lie side by side (axes of size one between them do not count). */
function trailingRun(shape: readonly number[], axes: readonly number[]): number[] {
  const run: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (axes.includes(axis)) run.unshift(axis);
    else if (run.length > 0 && shape[axis] !== 1) break;
  }
  return run;
}

/** Whether the axes are one run, or two runs at both ends. */
function isFast(shape: readonly number[], axes: readonly number[]): boolean {
  const long = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  const pattern = long.map((axis) => (axes.includes(axis) ? 'r' : 'k')).join('');
  return /^k*r*k*$|^r*k*r*$/.test(pattern);
}

const mulOnes = (g: Graph, x: Value, shape: readonly number[]): Value =>
  mul(g, x, g.uniform(x.type, shape, 1));
