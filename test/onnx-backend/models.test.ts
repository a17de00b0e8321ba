import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import {
  checkGradients,
  compare,
  integers,
  numbers,
  runCaptured,
  runOn,
  runs,
  setUp,
  type TensorFunction,
} from './parity.ts';

beforeAll(setUp);

describe('matrix products', () => {
  it('with every pair of flags, in two, three and four dimensions', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        fc.tuple(
          fc.integer({ min: 1, max: 5 }),
          fc.integer({ min: 1, max: 5 }),
          fc.integer({ min: 1, max: 5 }),
        ),
        fc.boolean(),
        fc.boolean(),
        (batch, [m, k, n], transA, transB) =>
          checkGradients(({ x, y }) => tf.matMul(x!, y!, transA, transB), {
            x: numbers(1, [...batch, ...(transA ? [k, m] : [m, k])]),
            y: numbers(2, [...batch, ...(transB ? [n, k] : [k, n])]),
          }),
      ),
      runs(15),
    ));
  // A weight of 256 x 320 numbers: large enough for the other way round.
  it.each([1, 8, 64, 65])('of %i rows with a large weight', (rows) =>
    checkGradients(({ x, w }) => tf.matMul(x!, w!, false, true), {
      x: numbers(1, [rows, 320]),
      w: numbers(2, [256, 320], -0.1, 0.1),
    }),
  );
  it('fused with bias and relu', () =>
    checkGradients(
      ({ x, y, b }) =>
        tf.fused.matMul({ a: x as tf.Tensor2D, b: y as tf.Tensor2D, bias: b!, activation: 'relu' }),
      { x: numbers(1, [4, 3]), y: numbers(2, [3, 5]), b: numbers(3, [5]) },
    ));
});

describe('convolutions and pooling', () => {
  const cases = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    size: fc.tuple(fc.integer({ min: 5, max: 9 }), fc.integer({ min: 5, max: 9 })),
    channels: fc.constantFrom<[number, number]>([1, 1], [3, 2], [2, 5], [16, 16], [32, 16], [16, 32]),
    kernel: fc.constantFrom<[number, number]>([1, 1], [3, 3], [5, 3], [2, 2], [7, 7]),
    stride: fc.constantFrom(1, 2, 3),
    pad: fc.constantFrom<'same' | 'valid' | 1>('same', 'valid', 1),
    seed: fc.nat(1000),
  });
  it('conv2d and both gradients', () =>
    fc.assert(
      fc.asyncProperty(cases, ({ batch, size, channels: [from, to], kernel, stride, pad, seed }) => {
        if (pad !== 'same' && (kernel[0] > size[0] || kernel[1] > size[1])) return Promise.resolve();
        // tfjs takes the height of the kernel for its width when the padding is a number.
        if (pad === 1 && kernel[0] !== kernel[1]) return Promise.resolve();
        return checkGradients(
          ({ x, w }) =>
            tf.conv2d(
              x as tf.Tensor4D,
              w as tf.Tensor4D,
              stride,
              pad,
              'NHWC',
              1,
              pad === 1 ? 'floor' : undefined,
            ),
          { x: numbers(seed, [batch, ...size, from]), w: numbers(seed + 1, [...kernel, from, to]) },
        );
      }),
      runs(25),
    ));
  it('fused conv2d, explicit pads, dilation', async () => {
    const inputs = { x: numbers(1, [2, 7, 6, 3]), w: numbers(2, [3, 3, 3, 4]), b: numbers(3, [4]) };
    await checkGradients(
      ({ x, w, b }) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: w as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          bias: b!,
          activation: 'relu',
        }),
      inputs,
    );
    const pads: [[number, number], [number, number], [number, number], [number, number]] = [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ];
    await checkGradients(
      ({ x, w }) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, [1, 2], pads, 'NHWC', 1, 'floor'),
      {
        x: inputs.x,
        w: inputs.w,
      },
    );
  });
  it('maxPool and its gradient', () =>
    fc.assert(
      fc.asyncProperty(cases, ({ batch, size, channels, stride, pad, seed, kernel: [k] }) => {
        const window = Math.min(k, 3);
        if (pad === 1 && window < 2) return Promise.resolve();
        return checkGradients(
          ({ x }) => tf.maxPool(x as tf.Tensor4D, window, stride, pad, pad === 1 ? 'floor' : undefined),
          { x: numbers(seed, [batch, ...size, channels[0]]) },
        );
      }),
      runs(6),
    ));
  it('avgPool and its gradient', () =>
    fc.assert(
      fc.asyncProperty(cases, ({ batch, size, channels, stride, seed, kernel: [k] }) =>
        checkGradients(({ x }) => tf.avgPool(x as tf.Tensor4D, Math.min(k, 3), stride, 'valid'), {
          x: numbers(seed, [batch, ...size, channels[0]]),
        }),
      ),
      runs(6),
    ));
  // tfjs cpu divides the gradient by the whole window, though its average is over the real elements only. The expected
  // numbers come from the average written as two convolutions.
  it('the gradient of avgPool at a padded border', async () => {
    const inputs = { x: numbers(1, [2, 5, 6, 1]), dy: numbers(2, [2, 3, 3, 1]) };
    const gradient = (pool: (x: tf.Tensor4D) => tf.Tensor): TensorFunction => {
      return ({ x, dy }) => ({ dx: tf.grad((t) => tf.sum(tf.mul(pool(t as tf.Tensor4D), dy!)))(x!) });
    };
    const sum = (x: tf.Tensor4D): tf.Tensor => tf.conv2d(x, tf.ones([3, 3, 1, 1]) as tf.Tensor4D, 2, 'same');
    const expected = await runOn(
      'cpu',
      gradient((x) => tf.div(sum(x), sum(tf.onesLike(x)))),
      inputs,
    );
    const pooled = gradient((x) => tf.avgPool(x, 3, 2, 'same'));
    compare(await runOn('onnx', pooled, inputs), expected, 1e-5, 'eager');
    compare(await runCaptured(pooled, inputs), expected, 1e-5, 'captured');
  });
  it('batch normalization with batch statistics', () =>
    checkGradients(
      ({ x, scale, offset }) => {
        const { mean, variance } = tf.moments(x!, [0, 1, 2]);
        return tf.relu(
          tf.batchNorm(
            x as tf.Tensor4D,
            mean as tf.Tensor1D,
            variance as tf.Tensor1D,
            offset as tf.Tensor1D,
            scale as tf.Tensor1D,
            1e-5,
          ),
        );
      },
      { x: numbers(1, [4, 3, 3, 16]), scale: numbers(2, [16], 0.5, 2), offset: numbers(3, [16]) },
    ));
});

describe('whole models', () => {
  it('a residual block with strides, as in a ResNet', () =>
    checkGradients(
      ({ x, w1, w2, w3, s, o }) => {
        const conv = (y: tf.Tensor, w: tf.Tensor, stride: number, pad: number): tf.Tensor4D =>
          tf.conv2d(
            y as tf.Tensor4D,
            tf.transpose(w, [2, 3, 1, 0]) as tf.Tensor4D,
            stride,
            pad,
            'NHWC',
            1,
            'floor',
          );
        const norm = (y: tf.Tensor4D): tf.Tensor => {
          const { mean, variance } = tf.moments(y, [0, 1, 2]);
          return tf.batchNorm(
            y,
            mean as tf.Tensor1D,
            variance as tf.Tensor1D,
            o as tf.Tensor1D,
            s as tf.Tensor1D,
            1e-5,
          );
        };
        const inner = tf.relu(norm(conv(x!, w1!, 2, 1)));
        const sum = tf.relu(tf.add(norm(conv(inner, w2!, 1, 1)), norm(conv(x!, w3!, 2, 0))));
        return tf.mean(tf.maxPool(sum as tf.Tensor4D, 3, 2, 1, 'floor'), [1, 2]);
      },
      {
        x: numbers(1, [4, 8, 8, 16]),
        w1: numbers(2, [32, 16, 3, 3]),
        w2: numbers(3, [32, 32, 3, 3]),
        w3: numbers(4, [32, 16, 1, 1]),
        s: numbers(5, [32], 0.5, 2),
        o: numbers(6, [32]),
      },
    ));

  it('a transformer layer with masks, as in BERT', () => {
    const [batch, length, width, heads] = [3, 5, 12, 2];
    const linear = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor => {
      const flat = tf.reshape(x, [-1, x.shape.at(-1)!]);
      return tf.reshape(tf.add(tf.matMul(flat, w, false, true), b), [...x.shape.slice(0, -1), w.shape[0]]);
    };
    const layerNorm = (x: tf.Tensor, s: tf.Tensor, o: tf.Tensor): tf.Tensor => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      const variance = tf.mean(tf.square(centred), -1, true);
      return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-12))), s), o);
    };
    const split = (x: tf.Tensor): tf.Tensor =>
      tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
    return checkGradients(
      ({ table, ids, mask, wq, wk, wv, wo, w1, w2, b, b1, s, o }) => {
        const x = layerNorm(tf.gather(table!, ids!), s!, o!);
        const scores = tf.div(
          tf.matMul(split(linear(x, wq!, b!)), split(linear(x, wk!, b!)), false, true),
          Math.sqrt(6),
        );
        const masked = tf.add(scores, tf.mul(tf.sub(1, tf.reshape(mask!, [batch, 1, 1, length])), -1e4));
        const context = tf.matMul(tf.softmax(masked), split(linear(x, wv!, b!)));
        const joined = tf.reshape(tf.transpose(context, [0, 2, 1, 3]), [batch, length, width]);
        const y = layerNorm(tf.add(x, linear(joined, wo!, b!)), s!, o!);
        const h = linear(y, w1!, b1!);
        const gelu = tf.mul(tf.mul(0.5, h), tf.add(1, tf.erf(tf.div(h, Math.SQRT2))));
        return layerNorm(tf.add(y, linear(gelu, w2!, b!)), s!, o!);
      },
      {
        table: numbers(1, [20, width]),
        ids: integers(2, [batch, length], 0, 20),
        mask: {
          ...numbers(3, [batch, length]),
          data: Float32Array.from({ length: 15 }, (_, i) => Number(i % 5 < 4)),
        },
        wq: numbers(4, [width, width]),
        wk: numbers(5, [width, width]),
        wv: numbers(6, [width, width]),
        wo: numbers(7, [width, width]),
        w1: numbers(8, [24, width]),
        w2: numbers(9, [width, 24]),
        b: numbers(10, [width]),
        b1: numbers(11, [24]),
        s: numbers(12, [width], 0.5, 2),
        o: numbers(13, [width]),
      },
      3e-4,
    );
  });
});
