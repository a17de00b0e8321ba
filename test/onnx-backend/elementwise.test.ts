import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { check, checkGradients, integers, numbers, runs, setUp } from './parity.ts';

beforeAll(setUp);

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 4 });
/** Two shapes that broadcast together. */
const pairs = shapes.chain((shape) =>
  fc.record({
    a: fc.constant(shape),
    b: fc
      .tuple(
        fc.integer({ min: 0, max: shape.length }),
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      )
      .map(([skip, ones]) => shape.slice(skip).map((size, i) => (ones[i] ? 1 : size))),
    seed: fc.nat(1000),
  }),
);

type Unary = (x: tf.Tensor) => tf.Tensor;
const smooth: [string, Unary, number, number][] = [
  ['abs', tf.abs, -2, 2],
  ['neg', tf.neg, -2, 2],
  ['exp', tf.exp, -2, 2],
  ['expm1', tf.expm1, -2, 2],
  ['log', tf.log, 0.2, 3],
  ['log1p', tf.log1p, -0.5, 3],
  ['sqrt', tf.sqrt, 0.2, 3],
  ['rsqrt', tf.rsqrt, 0.2, 3],
  ['square', tf.square, -2, 2],
  ['reciprocal', tf.reciprocal, 0.3, 2],
  ['sigmoid', tf.sigmoid, -4, 4],
  ['tanh', tf.tanh, -3, 3],
  ['erf', tf.erf, -3, 3],
  ['softplus', tf.softplus, -4, 4],
  ['sin', tf.sin, -3, 3],
  ['cos', tf.cos, -3, 3],
  ['sin of large angles', tf.sin, -90, 90],
  ['tan', tf.tan, -1.2, 1.2],
  ['asin', tf.asin, -0.9, 0.9],
  ['acos', tf.acos, -0.9, 0.9],
  ['atan', tf.atan, -3, 3],
  ['sinh', tf.sinh, -2, 2],
  ['cosh', tf.cosh, -2, 2],
  ['asinh', tf.asinh, -2, 2],
  ['acosh', tf.acosh, 1.2, 3],
  ['atanh', tf.atanh, -0.9, 0.9],
  ['relu', tf.relu, -2, 2],
  ['relu6', tf.relu6, -4, 10],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.1), -2, 2],
  ['elu', tf.elu, -2, 2],
  ['selu', tf.selu, -2, 2],
  ['step', (x) => tf.step(x, 0.5), -2, 2],
  ['step 0', (x) => tf.step(x), -2, 2],
  ['clip', (x) => tf.clipByValue(x, -0.5, 0.7), -2, 2],
  ['floor', tf.floor, -3, 3],
  ['ceil', tf.ceil, -3, 3],
  ['round', tf.round, -3, 3],
  ['sign', tf.sign, -3, 3],
  ['gelu', (x) => tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))), -3, 3],
  ['silu', (x) => tf.mul(x, tf.sigmoid(x)), -3, 3],
];

const binary: [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor][] = [
  ['add', tf.add],
  ['sub', tf.sub],
  ['mul', tf.mul],
  ['div', tf.div],
  ['pow', tf.pow],
  ['mod', tf.mod],
  ['atan2', tf.atan2],
];

describe('element by element, with gradients', () => {
  it.each(smooth)('%s', (_, fn, low, high) =>
    fc.assert(
      fc.asyncProperty(shapes, fc.nat(1000), (shape, seed) =>
        checkGradients(({ x }) => fn(x!), { x: numbers(seed, shape, low, high) }),
      ),
      runs(5),
    ),
  );

  it.each(binary)('%s of shapes that broadcast', (_, fn) =>
    fc.assert(
      fc.asyncProperty(pairs, ({ a, b, seed }) =>
        checkGradients(({ x, y }) => fn(x!, y!), {
          x: numbers(seed, a, 0.3, 2),
          y: numbers(seed + 1, b, 0.3, 2),
        }),
      ),
      runs(5),
    ),
  );

  // tfjs's gradients of these do not sum over broadcast axes.
  it('maximum, minimum, squaredDifference, addN, where', async () => {
    const inputs = { x: numbers(1, [3, 4]), y: numbers(2, [3, 4]), z: numbers(3, [3, 4]) };
    await checkGradients(({ x, y, z }) => tf.addN([x!, y!, z!]), inputs);
    await checkGradients(({ i, y, z }) => tf.where(tf.greater(i!, 0), y!, z!), {
      y: inputs.y,
      z: inputs.z,
      i: integers(4, [3, 4], 0, 2),
    });
    await checkGradients(({ x, y }) => tf.maximum(x!, y!), { x: inputs.x, y: inputs.y });
    await checkGradients(({ x, y }) => tf.minimum(x!, y!), { x: inputs.x, y: inputs.y });
    await checkGradients(({ x, y }) => tf.squaredDifference(x!, y!), { x: inputs.x, y: inputs.y });
  });
});

describe('without gradients', () => {
  const tests = [tf.equal, tf.notEqual, tf.less, tf.lessEqual, tf.greater, tf.greaterEqual];
  it('comparisons of floats and integers', async () => {
    const floats = { x: numbers(1, [4, 3]), y: numbers(2, [3]) };
    const ints = { x: integers(1, [4, 3], 0, 3), y: integers(2, [3], 0, 3) };
    for (const test of tests) {
      await check(({ x, y }) => ({ b: test(x!, y!), i: tf.cast(test(x!, y!), 'float32') }), floats);
      await check(({ x, y }) => ({ b: test(x!, y!), i: tf.cast(test(x!, y!), 'int32') }), ints);
    }
  });

  it('logic', () =>
    check(
      ({ x, y }) => {
        const [a, b] = [tf.greater(x!, 0), tf.greater(y!, 0)];
        return {
          and: tf.logicalAnd(a, b),
          or: tf.logicalOr(a, b),
          xor: tf.logicalXor(a, b),
          not: tf.logicalNot(a),
          any: tf.any(a, 1),
          all: tf.all(a),
        };
      },
      { x: numbers(1, [4, 3]), y: numbers(2, [4, 3]) },
    ));

  it('integers', () =>
    check(
      ({ x, y }) => ({
        add: tf.add(x!, y!),
        sub: tf.sub(x!, y!),
        mul: tf.mul(x!, y!),
        floorDiv: tf.floorDiv(x!, y!),
        mod: tf.mod(x!, y!),
        max: tf.maximum(x!, y!),
        sum: tf.sum(x!),
        largest: tf.max(x!, 1),
        relu: tf.relu(x!),
        prelu: tf.prelu(tf.cast(x!, 'float32'), tf.cast(y!, 'float32')),
        float: tf.cast(x!, 'float32'),
      }),
      { x: integers(1, [4, 3], -5, 9), y: integers(2, [3], 1, 4) },
    ));

  it('what is not a number', () =>
    check(
      ({ x }) => {
        const y = tf.div(x!, tf.relu(x!));
        return { nan: tf.isNaN(y), inf: tf.isInf(y), finite: tf.isFinite(y), onesLike: tf.onesLike(y) };
      },
      { x: { ...numbers(1, [4]), data: Float32Array.of(-1, 0, 1, 2) } },
    ));

  it('casts cut towards zero and test against zero', () =>
    check(({ x }) => ({ i: tf.cast(x!, 'int32'), b: tf.cast(x!, 'bool') }), {
      x: { ...numbers(1, [5]), data: Float32Array.of(-1.7, -0.2, 0, 0.4, 2.9) },
    }));
});
