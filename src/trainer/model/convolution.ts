import * as tf from '@tensorflow/tfjs';
import { input, type ForwardPass } from './forward-pass.ts';

/** PyTorch's batch norm: eps, and the share of a batch in the running statistics. */
const batchNormEps = 1e-5;
export const batchNormMomentum = 0.1;

/**
 * Convolution of x [batch, height, width, in] with PyTorch's weight [out, in, kh, kw], `padding` zeros on every side.
 * The transpose to TensorFlow's layout stands in the graph, where an engine may cancel it.
 */
export function convolution(x: tf.Tensor, weight: tf.Tensor, stride: number, padding: number): tf.Tensor4D {
  const filter = tf.transpose(weight, [2, 3, 1, 0]) as tf.Tensor4D; // [kh, kw, in, out]
  const kernel = weight.shape[2]!;
  // TensorFlow's own kernels know 'same' and 'valid' only, and 'same' pads unevenly when the stride is 2.
  if (padding === 0) return tf.conv2d(x as tf.Tensor4D, filter, stride, 'valid');
  if (stride === 1 && kernel === 2 * padding + 1) return tf.conv2d(x as tf.Tensor4D, filter, stride, 'same');
  return tf.conv2d(padSides(x, padding), filter, stride, 'valid');
}

/** 3x3 max pooling with stride 2 after a ReLU: nothing is below zero, so the border of zeros never wins. */
export function maxPoolAfterRelu(x: tf.Tensor): tf.Tensor4D {
  return tf.maxPool(padSides(x, 1), 3, 2, 'valid');
}

function padSides(x: tf.Tensor, padding: number): tf.Tensor4D {
  return tf.pad(x as tf.Tensor4D, [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ]);
}

/**
 * Batch norm of x [batch, height, width, channels] with the arrays `<name>.weight`, `.bias`, `.running_mean`, `.running_var`.
 * `useBatch`: with the batch's own statistics, which are also left in `pass.statistics` (the variance without bias, as PyTorch keeps it).
 */
export function batchNorm(pass: ForwardPass, name: string, x: tf.Tensor, useBatch: boolean): tf.Tensor4D {
  const gamma = input(pass, `${name}.weight`);
  const beta = input(pass, `${name}.bias`);
  if (useBatch) return batchNormOfBatch(pass, name, x, gamma, beta);
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(input(pass, `${name}.running_var`), batchNormEps)));
  const shift = tf.sub(beta, tf.mul(input(pass, `${name}.running_mean`), scale));
  return tf.add(tf.mul(x, scale), shift) as tf.Tensor4D;
}

/** The gradient in closed form; with n the normalised x:  dx = gamma / std * (dy - mean(dy) - n mean(dy n)). */
function batchNormOfBatch(
  pass: ForwardPass,
  name: string,
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
): tf.Tensor4D {
  const count = x.shape[0] * x.shape[1]! * x.shape[2]!;
  const axes = [0, 1, 2];
  const normalise = tf.customGrad((...args) => {
    const [value, scale, shift, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const mean = tf.mean(value, axes); // [channels]
    const centred = tf.sub(value, mean);
    const variance = tf.mean(tf.square(centred), axes);
    pass.statistics[`${name}.batch_mean`] = tf.keep(mean);
    pass.statistics[`${name}.batch_var`] = tf.keep(tf.mul(variance, count / Math.max(1, count - 1)));
    const inverse = tf.rsqrt(tf.add(variance, batchNormEps));
    const factor = tf.mul(inverse, scale);
    save([value, mean, inverse, factor]);
    return {
      value: tf.add(tf.mul(centred, factor), shift),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [v, mu, inv, fac] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const normal = tf.mul(tf.sub(v, mu), inv);
        const dBeta = tf.sum(dy, axes);
        const dGamma = tf.sum(tf.mul(dy, normal), axes);
        const along = tf.add(tf.mul(normal, tf.div(dGamma, count)), tf.div(dBeta, count));
        return [tf.mul(tf.sub(dy, along), fac), dGamma, dBeta];
      },
    };
  });
  return normalise(x, gamma, beta) as tf.Tensor4D;
}
