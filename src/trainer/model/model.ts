import * as tf from '@tensorflow/tfjs';
import type { Branch, LossConfig, ModelConfig } from '../../experiment/config.ts';
import { bertShapes, type BertShape } from './bert.ts';
import { bertEncoder, resnetEncoder } from './encoders.ts';
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
  /** pixels [batch, side, side, 3], normalised. */
  encodeImages(pass: ForwardPass, pixels: tf.Tensor): ImageFeatures;
  /** token ids and mask [batch, length]. */
  encodeTexts(pass: ForwardPass, tokenIds: tf.Tensor, mask: tf.Tensor): TextFeatures;
  /** Dropout masks that a training pass takes, with their shapes. */
  dropoutShapes(batch: number, length: number): Record<string, number[]>;
}

/** `shapes`: encoders of other sizes than the named ones. */
export function buildModel(
  config: ModelConfig,
  loss: LossConfig,
  shapes: { image?: ResNetShape; text?: BertShape } = {},
): Model {
  const image = resnetEncoder(shapes.image ?? resnetShapes[config.image_encoder.name], imagePrefix);
  const text = bertEncoder(shapes.text ?? bertShapes[config.text_encoder.name], textPrefix);
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
    encodeImages: (pass, pixels) =>
      fusion.projectImage(pass, image.regions(pass, pixels, frozen.has('image'))),
    encodeTexts(pass, tokenIds, mask) {
      const states = text.states(pass, tokenIds, mask);
      const pooled = pooling === 'mean' ? maskedMean(states, mask) : firstToken(states);
      return fusion.projectText(pass, states, pooled, mask);
    },
    dropoutShapes: (batch, length) =>
      dropout > 0 && !frozen.has('text') ? text.dropoutShapes(batch, length) : {},
  };
}

function firstToken(states: tf.Tensor3D): tf.Tensor2D {
  const [batch, , width] = states.shape;
  return tf.reshape(tf.slice(states, [0, 0, 0], [batch, 1, width]), [batch, width]);
}
