import * as tf from '@tensorflow/tfjs';
import type { Branch, LossConfig, ModelConfig } from '../../experiment/config.ts';
import { bertShapes, type BertShape } from './bert.ts';
import { bertEncoder, resnetEncoder, type InputOf } from './encoders.ts';
import { givenRegions, givenStates, type GivenFeatures } from './given-features.ts';
import { buildFusion, type Fusion, type ImageFeatures, type TextFeatures } from './fusion.ts';
import { maskedMean } from './layers.ts';
import type { ParameterSpec } from './parameter.ts';
import type { ForwardPass } from './forward-pass.ts';
import { resnetShapes, type ResNetShape } from './resnet.ts';

export const imagePrefix = 'image_encoder.';
export const textPrefix = 'text_encoder.';

/** Two encoders and what joins them: the arrays they need, and functions of tensors. It holds no values. */
export interface Model {
  /** Every array, buffers included, in the order in which they are reported and saved. */
  parameters: ParameterSpec[];
  /** Whether a parameter gets a gradient: those of a frozen encoder and of a fixed temperature do not. */
  isTrainable(spec: ParameterSpec): boolean;
  fusion: Fusion;
  images: InputOf<[side: number]>;
  captions: InputOf<[length: number]>;
  /** pixels [batch, side, side, 3], normalised, or what else comes in of images. */
  encodeImages(pass: ForwardPass, images: tf.Tensor): ImageFeatures;
  /** token ids, or what else comes in of captions, and mask [batch, length]. */
  encodeTexts(pass: ForwardPass, captions: tf.Tensor, mask: tf.Tensor): TextFeatures;
  /** Dropout masks that a training pass takes, with their shapes. */
  dropoutShapes(batch: number, length: number): Record<string, number[]>;
}

/** `shapes`: encoders of other sizes than the named ones. `given`: features that come in the place of images and captions. */
export function buildModel(
  config: ModelConfig,
  loss: LossConfig,
  shapes: { image?: ResNetShape; text?: BertShape } = {},
  given: GivenFeatures = {},
): Model {
  const image = given.image
    ? givenRegions(given.image)
    : resnetEncoder(shapes.image ?? resnetShapes[ownName(config.image_encoder.name)], imagePrefix);
  const text = given.text
    ? givenStates(given.text)
    : bertEncoder(shapes.text ?? bertShapes[ownName(config.text_encoder.name)], textPrefix);
  const fusion = buildFusion(config.fusion, image.width, text.width);
  const frozen = new Set<Branch>();
  if (config.image_encoder.train === 'frozen') frozen.add('image');
  if (config.text_encoder.train === 'frozen') frozen.add('text');
  if (!loss.learn_temperature) frozen.add('scale');
  const { pooling, dropout } = config.text_encoder;
  return {
    parameters: [
      ...image.parameters,
      ...text.parameters,
      ...fusion.parameters,
      {
        name: 'logit_scale',
        shape: [],
        branch: 'scale',
        kind: 'parameter',
        initial: { kind: 'constant', value: Math.log(1 / loss.temperature) },
      },
    ],
    isTrainable: (spec) => spec.kind === 'parameter' && !frozen.has(spec.branch),
    fusion,
    images: image.input,
    captions: text.input,
    encodeImages: (pass, images) =>
      fusion.projectImage(pass, image.regions(pass, images, frozen.has('image'))),
    encodeTexts(pass, captions, mask) {
      const states = text.states(pass, captions, mask);
      const pooled = pooling === 'mean' ? maskedMean(states, mask) : firstToken(states);
      return fusion.projectText(pass, states, pooled, mask);
    },
    dropoutShapes: (batch, length) =>
      dropout > 0 && !frozen.has('text') ? text.dropoutShapes(batch, length) : {},
  };
}

/** An encoder of others is given as features: nothing of it is built here. */
export function ownName<Name extends string>(name: Name): Exclude<Name, 'auto'> {
  if (name === 'auto') throw new Error('an encoder named auto has no features given');
  return name as Exclude<Name, 'auto'>;
}

/** States of [CLS]. */
export function firstToken(states: tf.Tensor3D): tf.Tensor2D {
  const [batch, , width] = states.shape;
  return tf.reshape(tf.slice(states, [0, 0, 0], [batch, 1, width]), [batch, width]);
}
