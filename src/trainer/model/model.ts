import type * as tf from '@tensorflow/tfjs';
import type { LossConfig, ModelConfig } from '../../experiment/config.ts';
import { objectiveOf, type Objective } from '../loss.ts';
import {
  bytePixels,
  imageEncoder,
  textEncoder,
  type ImageShape,
  type InputOf,
  type TextShape,
} from './encoders.ts';
import { givenRegions, givenStates, type GivenFeatures } from './given-features.ts';
import { buildFusion, type Fusion, type ImageFeatures, type TextFeatures } from './fusion.ts';
import { firstLearning } from './first-learning.ts';
import { input, type ForwardPass } from './forward-pass.ts';
import type { ParameterSpec } from './parameter.ts';
import { normalised, type Normalisation } from './pixels.ts';
import { imageShapeOf, textShapeOf } from './named-shapes.ts';

export const imagePrefix = 'image_encoder.';
export const textPrefix = 'text_encoder.';

/** Two encoders and what joins them: the arrays they need, and functions of tensors. It holds no values. */
export interface Model {
  /** Every array, buffers included, in the order in which they are reported and saved. */
  parameters: ParameterSpec[];
  /** Whether a parameter gets a gradient: those of frozen layers and of a fixed temperature do not. */
  isTrainable(spec: ParameterSpec): boolean;
  /** Layers of each encoder; see `ParameterSpec.layer`. */
  layers: Record<'image' | 'text', number>;
  fusion: Fusion;
  images: InputOf<[side: number]>;
  captions: InputOf<[length: number]>;
  /** The pass's images as `encodeImages` takes them. */
  readImages(pass: ForwardPass): tf.Tensor;
  /** pixels [batch, side, side, 3], normalised, or what else comes in of images. */
  encodeImages(pass: ForwardPass, images: tf.Tensor): ImageFeatures;
  /** token ids, or what else comes in of captions, and mask [batch, length]. */
  encodeTexts(pass: ForwardPass, captions: tf.Tensor, mask: tf.Tensor): TextFeatures;
  /** What is made small, at the pass's temperature. */
  objective(pass: ForwardPass): Objective;
  /** Dropout masks that a training pass takes, with their shapes. */
  dropoutShapes(batch: number, length: number): Record<string, number[]>;
}

/** Encoders of other sizes than the named ones, and the width that their projections have where weights decide it. */
export interface Shapes {
  image?: ImageShape;
  text?: TextShape;
  dim?: number;
}

/**
 * `given`: features that come in the place of images and captions. `pixels`: how those of images, which come as 8-bit values, are normalised;
 * null: they come normalised.
 */
export function buildModel(
  config: ModelConfig,
  loss: LossConfig,
  shapes: Shapes = {},
  given: GivenFeatures = {},
  pixels: Normalisation | null = null,
): Model {
  const { pooling, dropout } = config.text_encoder;
  const image = given.image
    ? givenRegions(given.image)
    : imageEncoder(shapes.image ?? imageShapeOf(config.image_encoder.name), imagePrefix);
  const bytes = given.image ? null : pixels;
  const text = given.text
    ? givenStates(given.text)
    : textEncoder(shapes.text ?? textShapeOf(config.text_encoder.name), textPrefix, pooling);
  const { dim = config.fusion.dim } = shapes;
  const fusion = buildFusion({ ...config.fusion, dim }, image.width, text.width);
  const learnsFrom = {
    image: firstLearning('image', config.image_encoder, image.layers),
    text: firstLearning('text', config.text_encoder, text.layers),
  };
  return {
    parameters: [...image.parameters, ...text.parameters, ...fusion.parameters, ...scaleParameters(loss)],
    isTrainable({ kind, branch, layer = 0 }) {
      if (kind !== 'parameter') return false;
      if (branch === 'scale') return loss.learn_temperature;
      return branch === 'fusion' || layer >= learnsFrom[branch];
    },
    layers: { image: image.layers, text: text.layers },
    fusion,
    images: bytes ? bytePixels : image.input,
    captions: text.input,
    readImages(pass) {
      const images = input(pass, image.input.name);
      return bytes ? normalised(images, bytes) : images;
    },
    encodeImages(pass, images) {
      const { regions, pooled } = image.encode(pass, images, learnsFrom.image);
      return fusion.projectImage(pass, regions, pooled);
    },
    encodeTexts(pass, captions, mask) {
      const { states, pooled } = text.encode(pass, captions, mask);
      return fusion.projectText(pass, states, pooled, mask);
    },
    objective: (pass) =>
      objectiveOf(
        loss.kind,
        input(pass, 'logit_scale'),
        loss.kind === 'sigmoid' ? input(pass, 'logit_bias') : null,
      ),
    dropoutShapes: (batch, length) => (dropout > 0 ? text.dropoutShapes(batch, length, learnsFrom.text) : {}),
  };
}

/** The logit scale in log space and, of the sigmoid loss, the bias. */
function scaleParameters({ kind, temperature, loaded, bias }: LossConfig): ParameterSpec[] {
  const scalar = (name: string, value: number, isGiven: boolean): ParameterSpec => ({
    name,
    shape: [],
    branch: 'scale',
    kind: 'parameter',
    initial: { kind: 'constant', value },
    isGiven,
  });
  const scale = scalar('logit_scale', -Math.log(temperature), !loaded);
  return kind === 'sigmoid' ? [scale, scalar('logit_bias', bias, true)] : [scale];
}
