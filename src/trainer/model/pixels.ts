import * as tf from '@tensorflow/tfjs';
import type { Preprocessing } from '../../data/images/preprocessing.ts';

/** Of an encoder's preprocessing what is done in a graph. */
export type Normalisation = Pick<Preprocessing, 'mean' | 'deviation'>;

/**
 * 8-bit values [batch, side, side, 3] as (value / 255 - mean) / deviation: one multiplication and one addition in float32, whose factor and
 * summand are rounded once. A row of pixels is one axis: a product with three numbers would be taken three at a time.
 */
export function normalised(values: tf.Tensor, { mean, deviation }: Normalisation): tf.Tensor {
  const [batch, side] = values.shape as [number, number];
  const ofRow = (ofColour: (colour: number) => number): tf.Tensor =>
    tf.tensor1d(Float32Array.from({ length: side * 3 }, (_, i) => ofColour(i % 3)));
  const factor = ofRow((colour) => 1 / (255 * deviation[colour]!));
  const summand = ofRow((colour) => -mean[colour]! / deviation[colour]!);
  const rows = tf.reshape(values, [batch * side, side * 3]);
  return tf.reshape(tf.add(tf.mul(rows, factor), summand), values.shape);
}
