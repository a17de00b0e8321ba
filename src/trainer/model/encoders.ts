import * as tf from '@tensorflow/tfjs';
import { bert, bertDropoutShapes, bertParameters, type BertShape } from './bert.ts';
import type { TensorSpec } from '../engines/engine.ts';
import type { ForwardPass } from './forward-pass.ts';
import type { ParameterSpec } from './parameter.ts';
import { resnet, resnetParameters, resnetWidth, type ResNetShape } from './resnet.ts';

/** What an encoder takes of a batch. */
export interface InputOf<Size extends [number]> {
  /** As which it is fed to a compiled function. */
  name: string;
  spec(batch: number, ...size: Size): TensorSpec;
}

/** What makes region features of images. */
export interface ImageEncoder {
  /** Channels of a region. */
  width: number;
  parameters: ParameterSpec[];
  input: InputOf<[side: number]>;
  /** Region features [batch, regions, width] of its input, pixels [batch, side, side, 3], normalised. `isFrozen`: nothing in it depends on the batch. */
  regions(pass: ForwardPass, pixels: tf.Tensor, isFrozen: boolean): tf.Tensor3D;
}

/** What makes token states of captions. */
export interface TextEncoder {
  /** Of a token's state. */
  width: number;
  parameters: ParameterSpec[];
  input: InputOf<[length: number]>;
  /** Token states [batch, length, width] of its input, token ids [batch, length], and mask [batch, length]. */
  states(pass: ForwardPass, captions: tf.Tensor, mask: tf.Tensor): tf.Tensor3D;
  /** Dropout masks that a training pass takes, with their shapes. */
  dropoutShapes(batch: number, length: number): Record<string, number[]>;
}

export function resnetEncoder(shape: ResNetShape, prefix: string): ImageEncoder {
  return {
    width: resnetWidth(shape),
    parameters: resnetParameters(shape, prefix),
    input: { name: 'pixels', spec: (batch, side) => ({ shape: [batch, side, side, 3], dtype: 'float32' }) },
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
    input: { name: 'token_ids', spec: (batch, length) => ({ shape: [batch, length], dtype: 'int32' }) },
    states: (pass, tokenIds, mask) => bert(pass, shape, prefix, tokenIds, mask),
    dropoutShapes: (batch, length) => bertDropoutShapes(shape, prefix, batch, length),
  };
}
