import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { check, checkGradients, integers, numbers, runs, setUp } from './parity.ts';

beforeAll(setUp);

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const withAxes = shapes.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.subarray(shape.map((_, axis) => axis)),
    axis: fc.nat(shape.length - 1),
    perm: fc.shuffledSubarray(
      shape.map((_, axis) => axis),
      { minLength: shape.length },
    ),
    keep: fc.boolean(),
    seed: fc.nat(1000),
  }),
);
const property = (
  predicate: (given: {
    shape: number[];
    axes: number[];
    axis: number;
    perm: number[];
    keep: boolean;
    seed: number;
  }) => Promise<void>,
) => fc.assert(fc.asyncProperty(withAxes, predicate), runs(6));

describe('reductions', () => {
  it.each(['sum', 'mean', 'max', 'min', 'logSumExp'] as const)('%s', (name) =>
    property(({ shape, axes, keep, seed }) =>
      checkGradients(({ x }) => tf[name](x!, axes, keep), { x: numbers(seed, shape, 0.3, 2) }),
    ),
  );
  it('prod', () =>
    property(({ shape, axes, keep, seed }) =>
      check(({ x }) => ({ y: tf.prod(x!, axes, keep) }), { x: numbers(seed, shape, 0.3, 2) }),
    ));
  it('moments', () =>
    property(({ shape, axes, keep, seed }) =>
      checkGradients(({ x }) => tf.moments(x!, axes, keep).variance, { x: numbers(seed, shape) }),
    ));
  it('softmax and logSoftmax', () =>
    property(async ({ shape, seed }) => {
      await checkGradients(({ x }) => tf.softmax(x!), { x: numbers(seed, shape, -5, 5) });
      await checkGradients(({ x }) => tf.logSoftmax(x!), { x: numbers(seed, shape, -5, 5) });
    }));
  it('cumsum', () =>
    property(async ({ shape, axis, keep, seed }) => {
      await check(({ x }) => ({ y: tf.cumsum(x!, axis, keep, !keep) }), { x: numbers(seed, shape) });
      // tfjs's gradient forgets to exchange the axes back when it is not the last one.
      await checkGradients(({ x }) => tf.cumsum(x!, shape.length - 1, keep, !keep), {
        x: numbers(seed, shape),
      });
    }));
  it('argMax, argMin, topk', () =>
    property(({ shape, axis, seed }) =>
      check(
        ({ x }) => {
          const top = tf.topk(x!, Math.min(2, shape.at(-1)!));
          return {
            max: tf.argMax(x!, axis),
            min: tf.argMin(x!, axis),
            values: top.values,
            indices: top.indices,
          };
        },
        { x: numbers(seed, shape) },
      ),
    ));
  it('norms', () =>
    property(({ shape, seed }) => {
      // Of one number alone the direction never changes: its gradient is rounding errors.
      const wider = [...shape.slice(0, -1), shape.at(-1)! + 1];
      return checkGradients(({ x }) => tf.div(x!, tf.norm(x!, 2, -1, true)), {
        x: numbers(seed, wider, 0.2, 1),
      });
    }));
});

describe('moving elements', () => {
  it('transpose', () =>
    property(({ shape, perm, seed }) =>
      checkGradients(({ x }) => tf.transpose(x!, perm), { x: numbers(seed, shape) }),
    ));
  it('reshape, expandDims, squeeze', () =>
    property(({ shape, axis, seed }) =>
      checkGradients(({ x }) => tf.squeeze(tf.expandDims(tf.reshape(x!, [-1]), axis > 0 ? 1 : 0)), {
        x: numbers(seed, shape),
      }),
    ));
  it('slice', () =>
    property(({ shape, seed }) => {
      const begin = shape.map((size, axis) => (seed + axis) % size);
      return checkGradients(
        ({ x }) =>
          tf.slice(
            x!,
            begin,
            shape.map((size, axis) => size - begin[axis]!),
          ),
        {
          x: numbers(seed, shape),
        },
      );
    }));
  it('stridedSlice', async () => {
    const x = numbers(1, [5, 6, 4]);
    await check((t) => ({ y: tf.stridedSlice(t.x!, [1, 0, 0], [5, 6, 4], [2, 3, 1]) }), { x });
    await check((t) => ({ y: tf.stridedSlice(t.x!, [4, 5, 0], [0, -7, 4], [-2, -1, 1]) }), { x });
    await check((t) => ({ y: tf.stridedSlice(t.x!, [0, 0, 2], [0, 0, 3], [1, 1, 1], 3, 3, 0, 0, 4) }), { x });
  });
  it('pad', () =>
    property(({ shape, seed, axis }) => {
      const paddings = shape.map((_, i): [number, number] => (i === axis ? [2, 1] : [0, 1]));
      return checkGradients(({ x }) => tf.pad(x!, paddings), { x: numbers(seed, shape) });
    }));
  it('pad with a number, mirrorPad', () =>
    check(
      ({ x }) => ({
        number: tf.pad(
          x!,
          [
            [1, 2],
            [0, 1],
          ],
          3,
        ),
        reflect: tf.mirrorPad(
          x!,
          [
            [1, 2],
            [2, 0],
          ],
          'reflect',
        ),
        symmetric: tf.mirrorPad(
          x!,
          [
            [1, 2],
            [2, 0],
          ],
          'symmetric',
        ),
      }),
      { x: numbers(1, [3, 4]) },
    ));
  it('concat, stack, split, unstack', () =>
    property(async ({ shape, axis, seed }) => {
      const inputs = { x: numbers(seed, shape), y: numbers(seed + 1, shape) };
      await checkGradients(({ x, y }) => tf.concat([x!, tf.square(y!), x!], axis), inputs);
      await checkGradients(({ x, y }) => tf.stack([x!, y!], axis), inputs);
      // tfjs's gradient of unstack takes two slices or more.
      if (shape[axis]! > 1) await checkGradients(({ x }) => tf.addN(tf.unstack(x!, axis)), { x: inputs.x });
      const sizes = [1, shape[axis]! - 1];
      if (shape[axis]! > 1)
        await checkGradients(({ x }) => tf.square(tf.split(x!, sizes, axis).at(-1)!), { x: inputs.x });
    }));
  it('tile, broadcastTo, reverse', () =>
    property(async ({ shape, axis, axes, seed }) => {
      const x = numbers(seed, shape);
      await checkGradients(
        (t) =>
          tf.tile(
            t.x!,
            shape.map((_, i) => (i === axis ? 3 : 1)),
          ),
        { x },
      );
      await checkGradients((t) => tf.reverse(t.x!, axes), { x });
      const row = numbers(
        seed,
        shape.map((size, i) => (i === axis ? 1 : size)),
      );
      await checkGradients((t) => tf.square(tf.broadcastTo(t.x!, shape)), { x: row });
    }));
  it('range, linspace, fill, zeros', () =>
    check(
      ({ x }) => ({
        range: tf.add(x!, tf.range(0, 4)),
        line: tf.mul(x!, tf.linspace(1, 2, 4)),
        fill: tf.add(x!, tf.fill([4], 2)),
        zeros: tf.add(x!, tf.zeros([4])),
      }),
      { x: numbers(1, [2, 4]) },
    ));
});

describe('by index', () => {
  it('gather along each axis', () =>
    property(({ shape, axis, seed }) =>
      checkGradients(({ x, i }) => tf.gather(x!, i as tf.Tensor1D, axis), {
        x: numbers(seed, shape),
        i: integers(seed, [5], 0, shape[axis]!),
      }),
    ));
  it('gather of a table by a matrix of ids', () =>
    checkGradients(({ x, i }) => tf.square(tf.gather(x!, i!)), {
      x: numbers(1, [9, 3]),
      i: integers(2, [4, 5], 0, 9),
    }));
  it('gather with batch dimensions', () =>
    check(({ x, i }) => ({ y: tf.gather(x!, i as tf.Tensor2D, 2, 1) }), {
      x: numbers(1, [2, 3, 4, 5]),
      i: integers(2, [2, 6], 0, 4),
    }));
  it('unsortedSegmentSum', () =>
    checkGradients(({ x, i }) => tf.square(tf.unsortedSegmentSum(x!, i as tf.Tensor1D, 4)), {
      x: numbers(1, [6, 2, 3]),
      i: integers(2, [6], 0, 4),
    }));
  it('gatherND, scatterND, tensorScatterUpdate', () =>
    check(
      ({ x, i, u }) => ({
        gathered: tf.gatherND(x!, i!),
        scattered: tf.scatterND(i!, u!, [4, 3, 2]),
        updated: tf.tensorScatterUpdate(
          x!,
          tf.tensor2d([[1, 2]], [1, 2], 'int32'),
          tf.slice(u!, [0, 0], [1, 2]),
        ),
      }),
      { x: numbers(1, [4, 3, 2]), i: integers(3, [5, 2], 0, 3), u: numbers(2, [5, 2]) },
    ));
  it('oneHot', () =>
    check(
      ({ i }) => ({
        plain: tf.oneHot(i!, 5),
        other: tf.oneHot(i!, 5, 3, -1),
        floats: tf.cast(tf.oneHot(i!, 5), 'float32'),
      }),
      { i: integers(2, [4, 3], 0, 5) },
    ));
});
