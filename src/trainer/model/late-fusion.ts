import * as tf from '@tensorflow/tfjs';
import type { FusionConfig } from '../../experiment/config.ts';
import type { Fusion } from './fusion.ts';
import { linear, linearLast, unitLength } from './layers.ts';
import type { ParameterSpec } from './parameter.ts';
import { input } from './forward-pass.ts';

/** similarity(i, j) = cosine of the pooled projections, as CLIP's. */
export function lateFusion({ dim }: FusionConfig, imageWidth: number, textWidth: number): Fusion {
  return {
    parameters: projections(dim, imageWidth, textWidth),
    projectImage(pass, regions, pooled) {
      const weight = input(pass, 'image_projection.weight');
      return { pooled: unitLength(linear(pooled, weight, null)) as tf.Tensor2D, regions };
    },
    projectText(pass, states, pooled, mask) {
      const weight = input(pass, 'text_projection.weight');
      return { pooled: unitLength(linear(pooled, weight, null)) as tf.Tensor2D, tokens: states, mask };
    },
    pooledSimilarity: (image, text) => tf.matMul(image, text, false, true),
    pairSimilarity: null,
    attention: null,
    matrix: {
      image: ({ pooled }) => pooled,
      text: ({ pooled }) => pooled,
      similarity: (_pass, image, text) => tf.matMul(image, text, false, true),
      parameters: [],
    },
    loss: (_pass, image, text, same, objective) =>
      objective.ofBatch(tf.matMul(image.pooled, text.pooled, false, true), same),
  };
}

/** The two projections into the shared space, without biases and started like CLIP's. */
export function projections(dim: number, imageWidth: number, textWidth: number): ParameterSpec[] {
  const spec = (head: 'image' | 'text', into: number): ParameterSpec => ({
    name: `${head}_projection.weight`,
    head,
    shape: [dim, into],
    branch: 'fusion',
    kind: 'parameter',
    initial: { kind: 'normal', std: into ** -0.5 },
  });
  return [spec('image', imageWidth), spec('text', textWidth)];
}

/** x [batch, n, in] projected to [batch, n, dim]. */
export function projectAll(x: tf.Tensor, weight: tf.Tensor): tf.Tensor3D {
  return linearLast(x, weight, null) as tf.Tensor3D;
}
