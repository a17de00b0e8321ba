import * as tf from '@tensorflow/tfjs';
import type { ImageEncoder, Pooler, TextEncoder } from './encoders.ts';

/** Features that are computed elsewhere and come in the place of images or captions. */
export interface GivenFeatures {
  /** Rows of an image, of so many numbers. */
  image?: { rows: number; width: number };
  text?: { width: number; pool: Pooler };
}

/** Region features [batch, rows, width] as they come. */
export function givenRegions({ rows, width }: { rows: number; width: number }): ImageEncoder {
  return {
    width,
    parameters: [],
    input: { name: 'pixels', spec: (batch) => ({ shape: [batch, rows, width], dtype: 'float32' }) },
    layers: 0,
    encode: (_pass, features) => ({
      regions: features as tf.Tensor3D,
      pooled: tf.mean(features, 1) as tf.Tensor2D,
    }),
  };
}

/** Token states [batch, length, width] as they come. */
export function givenStates({ width, pool }: { width: number; pool: Pooler }): TextEncoder {
  return {
    width,
    parameters: [],
    input: { name: 'states', spec: (batch, length) => ({ shape: [batch, length, width], dtype: 'float32' }) },
    layers: 0,
    encode: (_pass, states, mask) => ({
      states: states as tf.Tensor3D,
      pooled: pool(states as tf.Tensor3D, mask),
    }),
    dropoutShapes: () => ({}),
  };
}
