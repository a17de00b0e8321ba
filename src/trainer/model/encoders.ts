import * as tf from '@tensorflow/tfjs';
import { bert, bertDropoutShapes, bertParameters, type BertShape } from './bert.ts';
import type { ForwardPass } from './forward-pass.ts';
import type { ParameterSpec } from './parameter.ts';
import { resnet, resnetParameters, resnetWidth, type ResNetShape } from './resnet.ts';

/** What makes region features of images. */
export interface ImageEncoder {
  /** Channels of a region. */
  width: number;
  parameters: ParameterSpec[];
  /** Region features [batch, regions, width] of pixels [batch, side, side, 3], normalised. `isFrozen`: nothing in it depends on the batch. */
  regions(pass: ForwardPass, pixels: tf.Tensor, isFrozen: boolean): tf.Tensor3D;
}

/** What makes token states of captions. */
export interface TextEncoder {
  /** Of a token's state. */
  width: number;
  parameters: ParameterSpec[];
  /** Token states [batch, length, width] of token ids and mask [batch, length]. */
  states(pass: ForwardPass, tokenIds: tf.Tensor, mask: tf.Tensor): tf.Tensor3D;
  /** Dropout masks that a training pass takes, with their shapes. */
  dropoutShapes(batch: number, length: number): Record<string, number[]>;
}

export function resnetEncoder(shape: ResNetShape, prefix: string): ImageEncoder {
  return {
    width: resnetWidth(shape),
    parameters: resnetParameters(shape, prefix),
    regions(pass, pixels, isFrozen) {
      const features = resnet(pass, shape, prefix, pixels, pass.training && !isFrozen);
      const [batch, height, width, channels] = features.shape;
      return tf.reshape(features, [batch, height * width, channels]);
    },
  };
}

export function bertEncoder(shape: BertShape, prefix: string): TextEncoder {
  return {
    width: shape.width,
    parameters: bertParameters(shape, prefix),
    states: (pass, tokenIds, mask) => bert(pass, shape, prefix, tokenIds, mask),
    dropoutShapes: (batch, length) => bertDropoutShapes(shape, prefix, batch, length),
  };
}
