import type * as tf from '@tensorflow/tfjs';
import type { FusionConfig } from '../../experiment/config.ts';
import type { Objective } from '../loss.ts';
import { crossAttentionFusion } from './cross-attention.ts';
import { earlyFusion } from './early-fusion.ts';
import { lateFusion } from './late-fusion.ts';
import type { ParameterSpec } from './parameter.ts';
import type { ForwardPass } from './forward-pass.ts';

/** What an encoder's side gives: width is the shared one (`fusion.dim`). */
export interface ImageFeatures {
  /** [batch, width]; compared with a caption's by dot product. */
  pooled: tf.Tensor2D;
  /** [batch, regions, width]; what a pair's score is computed from. */
  regions: tf.Tensor3D;
}
export interface TextFeatures {
  pooled: tf.Tensor2D;
  /** [batch, length, width] */
  tokens: tf.Tensor3D;
  /** [batch, length], 1 for a real token. */
  mask: tf.Tensor;
}

/** How the two sides of a pair meet; one per kind in the experiment file. */
export interface Fusion {
  parameters: ParameterSpec[];
  /** Region features [batch, regions, channels] and the image's pooled vector [batch, channels], projected. */
  projectImage(pass: ForwardPass, regions: tf.Tensor3D, pooled: tf.Tensor2D): ImageFeatures;
  /** Token states [batch, length, width] and the caption's pooled state [batch, width], projected. */
  projectText(pass: ForwardPass, states: tf.Tensor3D, pooled: tf.Tensor2D, mask: tf.Tensor): TextFeatures;
  /** Similarity of every image with every caption as the pooled vectors give it: [images, captions]. */
  pooledSimilarity(image: tf.Tensor2D, text: tf.Tensor2D): tf.Tensor2D;
  /** The fusion's own score of every image with every caption [images, captions]; null for `late`, which has no other. */
  pairSimilarity: ((pass: ForwardPass, image: ImageFeatures, text: TextFeatures) => tf.Tensor2D) | null;
  /**
   * Where the tokens of one caption look in one image: shares of regions, each token's summing to 1, [layers, heads, length, regions]. Null for
   * fusions whose tokens do not look at regions.
   */
  attention: ((pass: ForwardPass, regions: tf.Tensor3D, tokens: tf.Tensor3D) => tf.Tensor4D) | null;
  /** How a batch is scored as one matrix, from which alone its loss comes; null for `early`, whose loss scores some pairs only. */
  matrix: SimilarityMatrix | null;
  /** Loss of a batch whose image i belongs to caption i; `same` [batch, batch] is 1 where a pair must not count as a negative. */
  loss(
    pass: ForwardPass,
    image: ImageFeatures,
    text: TextFeatures,
    same: tf.Tensor2D,
    objective: Objective,
  ): tf.Scalar;
}

/** Similarity of every image of a batch with every caption, by what is compared of each: a row an image or caption, which may come in parts. */
export interface SimilarityMatrix {
  /** What of images is compared: [images, ...]. */
  image(features: ImageFeatures): tf.Tensor;
  /** What of captions is compared: [captions, ...]. */
  text(features: TextFeatures): tf.Tensor;
  /** [images, captions] of such rows, flat: [images, numbers], [captions, numbers]; `mask` [captions, length] as in `TextFeatures`. */
  similarity(pass: ForwardPass, image: tf.Tensor2D, text: tf.Tensor2D, mask: tf.Tensor): tf.Tensor2D;
  /** Names of the parameters that `similarity` takes. */
  parameters: readonly string[];
}

/** The fusion that the config asks for, between encoders of those widths. */
export function buildFusion(config: FusionConfig, imageWidth: number, textWidth: number): Fusion {
  switch (config.kind) {
    case 'late':
      return lateFusion(config, imageWidth, textWidth);
    case 'cross_attention':
      return crossAttentionFusion(config, imageWidth, textWidth);
    case 'early':
      return earlyFusion(config, imageWidth, textWidth);
  }
}
