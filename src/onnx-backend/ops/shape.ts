import type { ElementType, Graph, Value } from '../graph.ts';
import { sameShape, sizeOf } from '../graph.ts';
import { expand } from './broadcast.ts';

/** A list of whole numbers as ONNX wants shapes, axes and starts. */
export const int64s = (g: Graph, values: readonly number[]): Value =>
  g.constant('int64', [values.length], BigInt64Array.from(values, BigInt));

/** The same elements in another shape; free at run time. */
export function reshape(g: Graph, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (x.constant && 'uniform' in x.constant) return g.uniform(x.type, shape, x.constant.uniform);
  const source = x.node?.op === 'Reshape' ? x.node.inputs[0]! : x;
  if (sameShape(source.shape, shape)) return source;
  return g.node1('Reshape', [source, int64s(g, shape)], x.type, shape);
}

/** Axes in another order. Two transposes become one; one that moves only axes of size one is a reshape. */
export function transpose(g: Graph, x: Value, perm: readonly number[]): Value {
  const shape = perm.map((axis) => x.shape[axis]!);
  if (x.constant && 'uniform' in x.constant) return g.uniform(x.type, shape, x.constant.uniform);
  if (keepsOrder(perm, x.shape)) return reshape(g, x, shape);
  if (x.node?.op === 'Transpose') {
    const inner = x.node.attributes.perm as readonly number[];
    return transpose(
      g,
      x.node.inputs[0]!,
      perm.map((axis) => inner[axis]!),
    );
  }
  return g.node1('Transpose', [x], x.type, shape, { perm });
}

/** Whether the axes longer than one stay in their order. */
function keepsOrder(perm: readonly number[], shape: readonly number[]): boolean {
  const long = perm.filter((axis) => shape[axis] !== 1);
  return long.every((axis, i) => i === 0 || long[i - 1]! < axis);
}

/** x[starts : ends : steps] on the given axes; a step may be negative (ends is then exclusive below). */
export function slice(
  g: Graph,
  x: Value,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = axes.map(() => 1),
): Value {
  const shape = [...x.shape];
  axes.forEach((axis, i) => {
    shape[axis] = Math.max(0, Math.ceil((ends[i]! - starts[i]!) / steps[i]!));
  });
  if (sameShape(shape, x.shape) && steps.every((step) => step === 1)) return x;
  if (x.constant && 'uniform' in x.constant) return g.uniform(x.type, shape, x.constant.uniform);
  // With a negative step, an end of -1 would count from the back: ONNX takes a very small number as "before the first".
  const lasts = ends.map((end, i) => (steps[i]! < 0 && end < 0 ? -(2 ** 31) : end));
  const inputs = [x, int64s(g, starts), int64s(g, lasts), int64s(g, axes)];
  if (steps.some((step) => step !== 1)) inputs.push(int64s(g, steps));
  return g.node1('Slice', inputs, x.type, shape);
}

export function concat(g: Graph, values: readonly Value[], axis: number): Value {
  const full = values.filter((value) => sizeOf(value.shape) > 0);
  const first = full[0] ?? values[0]!;
  if (full.length <= 1) return first;
  const shape = [...first.shape];
  shape[axis] = full.reduce((sum, value) => sum + value.shape[axis]!, 0);
  return g.node1('Concat', full, first.type, shape, { axis });
}

/** x repeated `repeats` times along each axis. */
export function tile(g: Graph, x: Value, repeats: readonly number[]): Value {
  const shape = x.shape.map((size, axis) => size * repeats[axis]!);
  if (repeats.every((times, axis) => times === 1 || x.shape[axis] === 1)) return expand(g, x, shape);
  return g.node1('Tile', [x, int64s(g, repeats)], x.type, shape);
}

/** x with `before[axis]` and `after[axis]` elements added on each axis; negative numbers are not allowed. */
export function pad(
  g: Graph,
  x: Value,
  before: readonly number[],
  after: readonly number[],
  { value = 0, mode = 'constant' }: { value?: number; mode?: 'constant' | 'reflect' } = {},
): Value {
  if ([...before, ...after].every((size) => size === 0)) return x;
  const shape = x.shape.map((size, axis) => size + before[axis]! + after[axis]!);
  const inputs = [x, int64s(g, [...before, ...after])];
  if (mode === 'constant') inputs.push(g.uniform(x.type, [], value));
  return g.node1('Pad', inputs, x.type, shape, { mode });
}

/** Rows of x picked along `axis` by int32 or int64 indices of any shape. */
export function gather(g: Graph, x: Value, indices: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return g.node1('Gather', [x, indices], x.type, shape, { axis });
}

/** x in reversed order along the axes. */
export function reverse(g: Graph, x: Value, axes: readonly number[]): Value {
  return axes.reduce((value, axis) => {
    const size = value.shape[axis]!;
    return size <= 1 ? value : slice(g, value, [axis], [size - 1], [-1], [-1]);
  }, x);
}

/** 0, 1, ..., count - 1 as a vector. */
export const iota = (g: Graph, type: ElementType, count: number): Value =>
  g.constant(
    type,
    [count],
    type === 'int64'
      ? BigInt64Array.from({ length: count }, (_, i) => BigInt(i))
      : type === 'int32'
        ? Int32Array.from({ length: count }, (_, i) => i)
        : Float32Array.from({ length: count }, (_, i) => i),
  );
