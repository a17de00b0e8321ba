import type { Graph, Value } from '../graph.ts';
import { sizeOf } from '../graph.ts';
import { expand } from '../ops/broadcast.ts';
import { cast, compare, scalar, where } from '../ops/elementwise.ts';
import { gather, iota, reshape, transpose } from '../ops/shape.ts';
import { kernel, type KernelTable } from './kernel.ts';
import { axesOf } from './reductions.ts';

/** Kernels that pick, place or compare by index. */
export const indexing: KernelTable = {
  GatherV2: kernel<'x' | 'indices', { axis: number; batchDims: number }>(
    (g, { x, indices }, { axis, batchDims }) => {
      const along = axesOf(x.shape.length, axis)[0]!;
      const whole = cast(g, indices, 'int32');
      return batchDims === 0 ? gather(g, x, whole, along) : batchedGather(g, x, whole, along, batchDims);
    },
  ),
  GatherNd: kernel<'params' | 'indices'>((g, { params, indices }) => {
    const depth = indices.shape.at(-1)!;
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
    return g.node1('GatherND', [params, cast(g, indices, 'int64')], params.type, shape);
  }),
  ScatterNd: kernel<'indices' | 'updates', { shape: number[] }>((g, { indices, updates }, { shape }) =>
    scatterAdd(g, indices, updates, shape),
  ),
  TensorScatterUpdate: kernel<'tensor' | 'indices' | 'updates'>((g, { tensor, indices, updates }) =>
    g.node1('ScatterND', [tensor, cast(g, indices, 'int64'), updates], tensor.type, tensor.shape),
  ),
  UnsortedSegmentSum: kernel<'x' | 'segmentIds', { numSegments: number }>(
    (g, { x, segmentIds }, { numSegments }) => segmentSum(g, x, segmentIds, numSegments),
  ),
  OneHot: kernel<
    'indices',
    { depth: number; onValue: number; offValue: number; dtype?: 'float32' | 'int32' | 'bool' }
  >((g, { indices }, { depth, onValue, offValue, dtype }) => {
    const column = reshape(g, cast(g, indices, 'int32'), [...indices.shape, 1]);
    const isHot = compare(g, 'Equal', column, iota(g, 'int32', depth));
    const type = dtype ?? 'float32';
    if (onValue === 1 && offValue === 0) return cast(g, isHot, type);
    return cast(g, where(g, isHot, scalar(g, 'float32', onValue), scalar(g, 'float32', offValue)), type);
  }),
  Select: kernel<'condition' | 't' | 'e'>((g, { condition, t, e }) => {
    const test = cast(g, condition, 'bool');
    // A vector of conditions may choose whole rows.
    const aligned =
      test.shape.length === 1 && t.shape.length > 1
        ? reshape(g, test, [test.shape[0]!, ...t.shape.slice(1).map(() => 1)])
        : test;
    return where(g, aligned, t, e);
  }),
  Range: kernel<never, { start: number; stop: number; step: number; dtype: 'float32' | 'int32' }>(
    (g, _, attributes) => range(g, attributes),
  ),
  LinSpace: kernel<never, { start: number; stop: number; num: number }>((g, _, { start, stop, num }) => {
    const step = (stop - start) / Math.max(1, num - 1);
    return g.constant(
      'float32',
      [num],
      Float32Array.from({ length: num }, (_, i) => start + i * step),
    );
  }),
};

/** x [n, ...row] summed by segment into [numSegments, ...row]; a negative id drops its row. */
function segmentSum(g: Graph, x: Value, segmentIds: Value, numSegments: number): Value {
  const rowShape = x.shape.slice(segmentIds.shape.length);
  const count = sizeOf(segmentIds.shape);
  const width = sizeOf(rowShape);
  const updates = reshape(g, x, [count, width]);
  const ids = expand(g, reshape(g, cast(g, segmentIds, 'int64'), [count, 1]), [count, width]);
  const zeros = g.uniform(x.type, [numSegments, width], 0);
  // Elements are added in order on one thread: ScatterND adds rows in parallel and so not the same way twice.
  const sums = g.node1('ScatterElements', [zeros, ids, updates], x.type, zeros.shape, {
    axis: 0,
    reduction: 'add',
  });
  return reshape(g, sums, [numSegments, ...rowShape]);
}

/** zeros(shape) with updates added at indices [..., depth]. */
function scatterAdd(g: Graph, indices: Value, updates: Value, shape: readonly number[]): Value {
  const zeros = g.uniform(updates.type, shape, 0);
  return g.node1('ScatterND', [zeros, cast(g, indices, 'int64'), updates], updates.type, shape, {
    reduction: 'add',
  });
}

/** Gather where the first `batchDims` axes of x and indices go together. */
function batchedGather(g: Graph, x: Value, indices: Value, axis: number, batchDims: number): Value {
  const batch = x.shape.slice(0, batchDims);
  const between = x.shape.slice(batchDims, axis);
  const after = x.shape.slice(axis + 1);
  const picked = indices.shape.slice(batchDims);
  // [batch, between, along, after] -> [batch, along, between, after], then one GatherND over flattened indices.
  const flat = reshape(g, x, [sizeOf(batch), sizeOf(between), x.shape[axis]!, sizeOf(after)]);
  const moved = transpose(g, flat, [0, 2, 1, 3]);
  const places = cast(g, reshape(g, indices, [sizeOf(batch), sizeOf(picked), 1]), 'int64');
  const rows = g.node1(
    'GatherND',
    [moved, places],
    x.type,
    [sizeOf(batch), sizeOf(picked), sizeOf(between), sizeOf(after)],
    { batch_dims: 1 },
  );
  const back = transpose(g, rows, [0, 2, 1, 3]);
  return reshape(g, back, [...batch, ...between, ...picked, ...after]);
}

function range(
  g: Graph,
  { start, stop, step, dtype }: { start: number; stop: number; step: number; dtype: 'float32' | 'int32' },
) {
  const count = Math.max(0, Math.ceil(Math.abs((stop - start) / step)));
  const isBackwards = start < stop && step < 0;
  const data = Array.from({ length: isBackwards || start === stop ? 0 : count }, (_, i) => start + i * step);
  return g.constant(
    dtype,
    [data.length],
    dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data),
  );
}
