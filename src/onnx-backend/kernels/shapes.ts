import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../graph.ts';
import { concat, pad, reshape, reverse, slice, tile, transpose } from '../ops/shape.ts';
import { kernel, type KernelTable } from './kernel.ts';
import { axesOf } from './reductions.ts';

/** Kernels that move elements without computing with them. */
export const shapes: KernelTable = {
  Reshape: kernel<'x', { shape: number[] }>((g, { x }, { shape }) => reshape(g, x, inferred(x.shape, shape))),
  ExpandDims: kernel<'input', { dim: number }>((g, { input }, { dim }) => {
    const at = dim < 0 ? input.shape.length + 1 + dim : dim;
    return reshape(g, input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
  }),
  Transpose: kernel<'x', { perm: number[] }>((g, { x }, { perm }) => transpose(g, x, perm)),
  Tile: kernel<'x', { reps: number[] }>((g, { x }, { reps }) => tile(g, x, reps)),
  Reverse: kernel<'x', { dims: number[] }>((g, { x }, { dims }) =>
    reverse(g, x, axesOf(x.shape.length, dims)),
  ),

  Slice: kernel<'x', { begin: number[]; size: number[] }>((g, { x }, attributes) => {
    const [begin, size] = tf.slice_util.parseSliceParams(
      { shape: x.shape } as unknown as tf.Tensor, // only the shape is looked at
      attributes.begin,
      attributes.size,
    ) as [number[], number[]];
    const ends = begin.map((start, axis) => start + size[axis]!);
    return slice(g, x, axesOf(x.shape.length, null), begin, ends);
  }),
  StridedSlice: kernel<'x', StridedSlice>((g, { x }, s) => {
    const info = tf.slice_util.sliceInfo(
      [...x.shape],
      s.begin,
      s.end,
      s.strides,
      s.beginMask,
      s.endMask,
      s.ellipsisMask,
      s.newAxisMask,
      s.shrinkAxisMask,
    );
    if (sizeOf(info.finalShape) === 0) return g.constant(x.type, info.finalShape, new Float32Array(0));
    return reshape(
      g,
      slice(g, x, axesOf(x.shape.length, null), info.begin, info.end, info.strides),
      info.finalShape,
    );
  }),

  Concat: kernel<string, { axis: number }>((g, inputs, { axis }) => {
    const values = Object.values(inputs);
    return concat(g, values, axesOf(values[0]!.shape.length, axis)[0]!);
  }),
  Pack: kernel<string, { axis: number }>((g, inputs, { axis }) => {
    const values = Object.values(inputs);
    const at = axesOf(values[0]!.shape.length + 1, axis)[0]!;
    const stacked = values.map((value) =>
      reshape(g, value, [...value.shape.slice(0, at), 1, ...value.shape.slice(at)]),
    );
    return concat(g, stacked, at);
  }),
  Unpack: kernel<'value', { axis: number }>((g, { value }, { axis }) => {
    const at = axesOf(value.shape.length, axis)[0]!;
    const shape = value.shape.filter((_, i) => i !== at);
    return Array.from({ length: value.shape[at]! }, (_, i) =>
      reshape(g, slice(g, value, [at], [i], [i + 1]), shape),
    );
  }),
  SplitV: kernel<'x', { numOrSizeSplits: number[] | number; axis: number }>(
    (g, { x }, { numOrSizeSplits, axis }) => {
      const at = axesOf(x.shape.length, axis)[0]!;
      const like = { shape: x.shape } as unknown as tf.Tensor; // only the shape is looked at
      let start = 0;
      return tf.backend_util.prepareSplitSize(like, numOrSizeSplits, at).map((size) => {
        start += size;
        return slice(g, x, [at], [start - size], [start]);
      });
    },
  ),
  PadV2: kernel<'x', { paddings: [number, number][]; constantValue: number }>(
    (g, { x }, { paddings, constantValue }) =>
      pad(
        g,
        x,
        paddings.map(([before]) => before),
        paddings.map(([, after]) => after),
        { value: constantValue },
      ),
  ),
  MirrorPad: kernel<'x', { paddings: [number, number][]; mode: 'reflect' | 'symmetric' }>(
    (g, { x }, { paddings, mode }) => {
      const reflected = mode === 'reflect';
      return paddings.reduce((value, [before, after], axis) => {
        const size = value.shape[axis]!;
        const skip = reflected ? 1 : 0;
        const head =
          before === 0 ? [] : [reverse(g, slice(g, value, [axis], [skip], [skip + before]), [axis])];
        const tail =
          after === 0
            ? []
            : [reverse(g, slice(g, value, [axis], [size - skip - after], [size - skip]), [axis])];
        return concat(g, [...head, value, ...tail], axis);
      }, x);
    },
  ),
};

type StridedSlice = {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
};

/** A shape with its one -1 filled in. */
function inferred(from: readonly number[], to: readonly number[]): number[] {
  const known = to.reduce((n, size) => (size === -1 ? n : n * size), 1);
  return to.map((size) => (size === -1 ? sizeOf(from) / known : size));
}
