import type * as tf from '@tensorflow/tfjs';
import type { ImageEncoder, TextEncoder } from './encoders.ts';

/** Features that are computed elsewhere and come in the place of images or captions. */
export interface GivenFeatures {
  /** Rows of an image, of so many numbers. */
  image?: { rows: number; width: number };
  text?: { width: number };
}

/** Region features [batch, rows, width] as they come. */
export function givenRegions({ rows, width }: { rows: number; width: number }): ImageEncoder {
  return {
    width,
    parameters: [],
    input: { name: 'pixels', spec: (batch) => ({ shape: [batch, rows, width], dtype: 'float32' }) },
    regions: (_pass, features) => features as tf.Tensor3D,
  };
}

/** Token states [batch, length, width] as they come. */
export function givenStates({ width }: { width: number }): TextEncoder {
  return {
    width,
    parameters: [],
    input: { name: 'states', spec: (batch, length) => ({ shape: [batch, length, width], dtype: 'float32' }) },
    states: (_pass, states) => states as tf.Tensor3D,
    dropoutShapes: () => ({}),
  };
}
