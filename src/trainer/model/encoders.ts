import * as tf from '@tensorflow/tfjs';
import type { ModelConfig } from '../../experiment/config.ts';
import { bert, bertDropoutShapes, bertParameters, type BertShape } from './bert.ts';
import { clipText, clipTextParameters, lastToken, type ClipTextShape } from './clip-text.ts';
import type { TensorSpec } from '../engines/engine.ts';
import type { ForwardPass } from './forward-pass.ts';
import { maskedMean } from './layers.ts';
import type { ParameterSpec } from './parameter.ts';
import { resnet, resnetParameters, resnetWidth, type ResNetShape } from './resnet.ts';
import { visionParameters, visionTransformer, type VisionShape } from './vision-transformer.ts';

export type ImageShape = ResNetShape | VisionShape;
export type TextShape = BertShape | ClipTextShape;
type Pooling = ModelConfig['text_encoder']['pooling'];

/** The image encoder of a shape, its arrays named under `prefix`. */
export const imageEncoder = (shape: ImageShape, prefix: string): ImageEncoder =>
  shape.kind === 'resnet' ? resnetEncoder(shape, prefix) : visionEncoder(shape, prefix);

/** The text encoder of a shape, its arrays named under `prefix`. */
export function textEncoder(shape: TextShape, prefix: string, pooling: Pooling): TextEncoder {
  const encoder =
    shape.kind === 'bert' ? bertEncoder(shape, prefix, pooling) : clipTextEncoder(shape, prefix);
  const { positions } = shape;
  return {
    ...encoder,
    encode(pass, tokenIds, mask) {
      const [batch, length] = tokenIds.shape as [number, number];
      if (length <= positions) return encoder.encode(pass, tokenIds, mask);
      // A batch may be padded to more tokens than there are positions; no caption has more.
      const cut = (rows: tf.Tensor) => tf.slice(rows, [0, 0], [batch, positions]);
      const { states, pooled } = encoder.encode(pass, cut(tokenIds), cut(mask));
      const padded = tf.pad(states, [
        [0, 0],
        [0, length - positions],
        [0, 0],
      ]);
      return { states: padded, pooled };
    },
    dropoutShapes: (batch, length, learnsFrom) =>
      encoder.dropoutShapes(batch, Math.min(length, positions), learnsFrom),
  };
}

/** What an encoder takes of a batch. */
export interface InputOf<Size extends [number]> {
  /** As which it is fed to a compiled function. */
  name: string;
  spec(batch: number, ...size: Size): TensorSpec;
}

const pixelInput: InputOf<[side: number]> = {
  name: 'pixels',
  spec: (batch, side) => ({ shape: [batch, side, side, 3], dtype: 'float32' }),
};

/** The same not yet normalised. */
export const bytePixels: InputOf<[side: number]> = {
  name: pixelInput.name,
  spec: (batch, side) => ({ ...pixelInput.spec(batch, side), dtype: 'uint8' }),
};

const tokenInput: InputOf<[length: number]> = {
  name: 'token_ids',
  spec: (batch, length) => ({ shape: [batch, length], dtype: 'int32' }),
};

/** What makes region features of images. */
export interface ImageEncoder {
  /** Channels of a region, and of the image's own vector. */
  width: number;
  /** See `ParameterSpec.layer`. */
  layers: number;
  parameters: ParameterSpec[];
  input: InputOf<[side: number]>;
  /**
   * Features of its input, pixels [batch, side, side, 3], normalised: of regions [batch, regions, width] and of the whole image [batch, width]. Nothing in the
   * layers before `learnsFrom` depends on the batch.
   */
  encode(
    pass: ForwardPass,
    pixels: tf.Tensor,
    learnsFrom: number,
  ): { regions: tf.Tensor3D; pooled: tf.Tensor2D };
}

/** What makes token states of captions. */
export interface TextEncoder {
  /** Of a token's state, and of the caption's own. */
  width: number;
  /** See `ParameterSpec.layer`. */
  layers: number;
  parameters: ParameterSpec[];
  input: InputOf<[length: number]>;
  /** States of tokens [batch, length, width] and of the caption [batch, width], of its input, token ids [batch, length], and mask [batch, length]. */
  encode(
    pass: ForwardPass,
    tokenIds: tf.Tensor,
    mask: tf.Tensor,
  ): { states: tf.Tensor3D; pooled: tf.Tensor2D };
  /** Dropout masks that a training pass takes for the layers from `learnsFrom` on, with their shapes. */
  dropoutShapes(batch: number, length: number, learnsFrom: number): Record<string, number[]>;
}

function resnetEncoder(shape: ResNetShape, prefix: string): ImageEncoder {
  return {
    width: resnetWidth(shape),
    layers: shape.depths.length,
    parameters: resnetParameters(shape, prefix),
    input: pixelInput,
    encode(pass, pixels, learnsFrom) {
      const features = resnet(pass, shape, prefix, pixels, learnsFrom);
      const [batch, height, width, channels] = features.shape;
      const regions = tf.reshape(features, [batch, height * width, channels]) as tf.Tensor3D;
      return { regions, pooled: tf.mean(regions, 1) as tf.Tensor2D };
    },
  };
}

function visionEncoder(shape: VisionShape, prefix: string): ImageEncoder {
  return {
    width: shape.width,
    layers: shape.layers,
    parameters: visionParameters(shape, prefix),
    input: pixelInput,
    encode(pass, pixels) {
      const states = visionTransformer(pass, shape, prefix, pixels);
      const [batch, count, width] = states.shape;
      return {
        regions: tf.slice(states, [0, 1, 0], [batch, count - 1, width]) as tf.Tensor3D,
        pooled: firstToken(states),
      };
    },
  };
}

function bertEncoder(shape: BertShape, prefix: string, pooling: Pooling): TextEncoder {
  return {
    width: shape.width,
    layers: shape.layers,
    parameters: bertParameters(shape, prefix),
    input: tokenInput,
    encode(pass, tokenIds, mask) {
      const states = bert(pass, shape, prefix, tokenIds, mask);
      return { states, pooled: poolerOf(shape.kind, pooling)(states, mask) };
    },
    dropoutShapes: (batch, length, learnsFrom) => bertDropoutShapes(shape, prefix, batch, length, learnsFrom),
  };
}

/** What a caption's token states [batch, length, width] come to, [batch, width]. */
export type Pooler = (states: tf.Tensor3D, mask: tf.Tensor) => tf.Tensor2D;

export function poolerOf(kind: TextShape['kind'], pooling: Pooling): Pooler {
  if (kind === 'clip_text') return lastToken;
  return pooling === 'mean' ? maskedMean : firstToken;
}

/** A caption's own state is that of its last token, as CLIP was trained; it knows no dropout. */
function clipTextEncoder(shape: ClipTextShape, prefix: string): TextEncoder {
  return {
    width: shape.width,
    layers: shape.layers,
    parameters: clipTextParameters(shape, prefix),
    input: tokenInput,
    encode(pass, tokenIds, mask) {
      const states = clipText(pass, shape, prefix, tokenIds);
      return { states, pooled: poolerOf(shape.kind, 'mean')(states, mask) };
    },
    dropoutShapes: () => ({}),
  };
}

function firstToken(states: tf.Tensor3D): tf.Tensor2D {
  const [batch, , width] = states.shape;
  return tf.reshape(tf.slice(states, [0, 0, 0], [batch, 1, width]), [batch, width]);
}
