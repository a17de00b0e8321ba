import type { Graph, Value } from '../graph.ts';
import { cast, scalar } from '../ops/elementwise.ts';
import { reduce, type Reduction } from '../ops/reduce.ts';
import { int64s, reshape } from '../ops/shape.ts';
import { kernel, type KernelTable } from './kernel.ts';

type Axes = { axis?: number | number[] | null; keepDims?: boolean };

/** Axes as tfjs gives them: one, many, negative, or none for all. */
export function axesOf(rank: number, axis: number | number[] | null | undefined): number[] {
  const all = Array.from({ length: rank }, (_, i) => i);
  if (axis === null || axis === undefined) return all;
  return [axis].flat().map((a) => (a < 0 ? a + rank : a));
}

const over = (op: Reduction) =>
  kernel<'x', Axes>((g, { x }, { axis, keepDims }) =>
    reduce(g, op, x, axesOf(x.shape.length, axis), keepDims),
  );

const arg = (op: string) =>
  kernel<'x', { axis: number }>((g, { x }, { axis }) => {
    const at = axesOf(x.shape.length, axis)[0] ?? 0;
    const source = x.shape.length === 0 ? reshape(g, x, [1]) : x;
    const shape = source.shape.filter((_, i) => i !== at);
    return cast(g, g.node1(op, [source], 'int64', shape, { axis: at, keepdims: 0 }), 'int32');
  });

const truth = (op: Reduction) =>
  kernel<'x', Axes>((g, { x }, { axis, keepDims }) => {
    const number = cast(g, x, 'int32');
    return cast(g, reduce(g, op, number, axesOf(x.shape.length, axis), keepDims), 'bool');
  });

/** Kernels that reduce along axes, and those that run along one. */
export const reductions: KernelTable = {
  Sum: kernel<'x', Axes>((g, { x }, { axis, keepDims }) =>
    reduce(
      g,
      'ReduceSum',
      x.type === 'bool' ? cast(g, x, 'int32') : x,
      axesOf(x.shape.length, axis),
      keepDims,
    ),
  ),
  Mean: kernel<'x', Axes>((g, { x }, { axis, keepDims }) =>
    reduce(g, 'ReduceMean', cast(g, x, 'float32'), axesOf(x.shape.length, axis), keepDims),
  ),
  Max: kernel<'x', { reductionIndices?: number | number[]; keepDims?: boolean }>((g, { x }, attributes) =>
    reduce(g, 'ReduceMax', x, axesOf(x.shape.length, attributes.reductionIndices), attributes.keepDims),
  ),
  Min: over('ReduceMin'),
  Prod: over('ReduceProd'),
  All: truth('ReduceMin'),
  Any: truth('ReduceMax'),
  ArgMax: arg('ArgMax'),
  ArgMin: arg('ArgMin'),

  Softmax: kernel<'logits', { dim: number }>((g, { logits }, { dim }) => along(g, 'Softmax', logits, dim)),
  Cumsum: kernel<'x', { axis: number; exclusive: boolean; reverse: boolean }>((g, { x }, attributes) =>
    cumsum(g, x, attributes),
  ),
  TopK: kernel<'x', { k: number; sorted: boolean }>((g, { x }, { k, sorted }) => {
    const shape = [...x.shape.slice(0, -1), k];
    const [values, indices] = g.node(
      'TopK',
      [x, int64s(g, [k])],
      [
        { type: x.type, shape },
        { type: 'int64', shape },
      ],
      { axis: -1, largest: 1, sorted: Number(sorted) },
    );
    return [values!, cast(g, indices!, 'int32')];
  }),
};

const along = (g: Graph, op: string, x: Value, axis: number): Value =>
  g.node1(op, [x], x.type, x.shape, { axis: axesOf(x.shape.length, axis)[0] ?? 0 });

function cumsum(
  g: Graph,
  x: Value,
  { axis, exclusive, reverse }: { axis: number; exclusive: boolean; reverse: boolean },
) {
  const at = scalar(g, 'int32', axesOf(x.shape.length, axis)[0]!);
  return g.node1('CumSum', [x, at], x.type, x.shape, {
    exclusive: Number(exclusive),
    reverse: Number(reverse),
  });
}
