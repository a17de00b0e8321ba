import * as tf from '@tensorflow/tfjs';
import type { FusionConfig } from '../../experiment/config.ts';
import type { Fusion, ImageFeatures, TextFeatures } from './fusion.ts';
import { projectAll, projections } from './late-fusion.ts';
import { layerNorm, linear, lookUp, unitLength } from './layers.ts';
import type { ParameterSpec } from './parameter.ts';
import { attentionBias, normSpecs, transformerLayer, transformerParameters } from './transformer.ts';
import { input, type ForwardPass } from './forward-pass.ts';

/**
 * A pair's regions and tokens run together through a transformer, and a head scores the pair. Scoring all pairs of a batch costs too much:
 * each image meets its own caption and the hardest K others by pooled similarity, and each caption likewise. The loss is the mean of
 * two: that of the pooled cosines over the whole batch (which also makes the pooled similarity good at choosing), and that of the pair
 * scores over those 1 + K.
 */
export function earlyFusion(config: FusionConfig, imageWidth: number, textWidth: number): Fusion {
  const { dim, heads, layers } = config;
  const shape = { width: dim, heads, intermediate: 4 * dim };
  const parameters = [
    ...projections(dim, imageWidth, textWidth),
    ...pairParameters(config, shape.intermediate),
  ];

  /** Scores [pairs] of regions [pairs, regions, dim] with tokens [pairs, length, dim] and their mask [pairs, length]. */
  const score = (
    pass: ForwardPass,
    regions: tf.Tensor3D,
    tokens: tf.Tensor3D,
    mask: tf.Tensor,
  ): tf.Tensor1D => {
    const [pairs, count] = regions.shape;
    const length = 1 + count + tokens.shape[1];
    const head = tf.tile(tf.reshape(input(pass, 'fusion.cls'), [1, 1, dim]), [pairs, 1, 1]);
    const types = input(pass, 'fusion.type_embeddings.weight'); // [2, dim]: a region, a token
    const typed = (x: tf.Tensor, type: number) => tf.add(x, tf.slice(types, [type, 0], [1, dim]));
    let x: tf.Tensor = tf.concat(
      [head, typed(regions, 0) as tf.Tensor3D, typed(tokens, 1) as tf.Tensor3D],
      1,
    );
    x = layerNorm(
      tf.reshape(x, [pairs * length, dim]),
      input(pass, 'fusion.LayerNorm.weight'),
      input(pass, 'fusion.LayerNorm.bias'),
      1e-12,
    );
    const bias = attentionBias(
      tf.concat([tf.ones([pairs, 1 + count]) as tf.Tensor2D, mask as tf.Tensor2D], 1),
    );
    for (let layer = 0; layer < layers; layer++)
      x = transformerLayer(pass, shape, `fusion.layer.${layer}.`, x, bias, pairs);
    const first = tf.reshape(tf.slice(tf.reshape(x, [pairs, length, dim]), [0, 0, 0], [pairs, 1, dim]), [
      pairs,
      dim,
    ]);
    return tf.reshape(linear(first, input(pass, 'fusion.score.weight'), null), [pairs]);
  };

  /** Every image with every caption; for evaluation. */
  const pairSimilarity = (pass: ForwardPass, image: ImageFeatures, text: TextFeatures): tf.Tensor2D => {
    const images = image.regions.shape[0];
    const captions = text.tokens.shape[0];
    // Written with operators, so that an exported model takes any number of either.
    const counted = (count: number, shape: [number, number], repeats: [number, number]) =>
      tf.reshape(tf.tile(tf.reshape(tf.range(0, count, 1, 'int32'), shape), repeats), [
        images * captions,
      ]) as tf.Tensor1D;
    const rows = counted(images, [images, 1], [1, captions]);
    const columns = counted(captions, [1, captions], [images, 1]);
    const pairs = pick(image, text, rows, columns);
    return tf.reshape(score(pass, pairs.regions, pairs.tokens, pairs.mask), [images, captions]);
  };

  return {
    parameters,
    projectImage(pass, regions) {
      const projected = projectAll(regions, input(pass, 'image_projection.weight'));
      return { pooled: unitLength(tf.mean(projected, 1)) as tf.Tensor2D, regions: projected };
    },
    projectText(pass, states, pooled, mask) {
      const weight = input(pass, 'text_projection.weight');
      const projected = unitLength(linear(pooled, weight, null)) as tf.Tensor2D;
      return { pooled: projected, tokens: projectAll(states, weight), mask };
    },
    pooledSimilarity: (image, text) => tf.matMul(image, text, false, true),
    pairSimilarity,
    attention: null,
    matrix: null,
    loss(pass, image, text, same, objective) {
      const similarity: tf.Tensor2D = tf.matMul(image.pooled, text.pooled, false, true);
      const pooledLoss = objective.ofBatch(similarity, same);
      const batch = similarity.shape[0];
      const hard = Math.min(config.hard_negatives, batch - 1);
      if (hard === 0) return pooledLoss;
      const captionsOfImages = hardest(similarity, same, hard);
      const imagesOfCaptions = hardest(tf.transpose(similarity), same, hard);
      // All scored pairs in one run of the transformer: the right ones, then both kinds of negatives.
      const own = tf.range(0, batch, 1, 'int32');
      const repeated = tf.reshape(tf.tile(tf.expandDims(own, 1), [1, hard]), [batch * hard]);
      const images = tf.concat([own, repeated, tf.reshape(imagesOfCaptions.indices, [-1])] as tf.Tensor1D[]);
      const captions = tf.concat([
        own,
        tf.reshape(captionsOfImages.indices, [-1]),
        repeated,
      ] as tf.Tensor1D[]);
      const pairs = pick(image, text, images, captions);
      const scores = score(pass, pairs.regions, pairs.tokens, pairs.mask);
      const right = tf.reshape(tf.slice(scores, [0], [batch]), [batch, 1]);
      const direction = (start: number, excluded: tf.Tensor) => {
        const negatives = tf.reshape(tf.slice(scores, [start], [batch * hard]), [batch, hard]);
        const none = tf.concat([tf.zeros([batch, 1]) as tf.Tensor2D, excluded as tf.Tensor2D], 1);
        return objective.ofFirst(tf.concat([right, negatives], 1) as tf.Tensor2D, none);
      };
      const pairLoss = tf.mul(
        tf.add(
          direction(batch, captionsOfImages.excluded),
          direction(batch + batch * hard, imagesOfCaptions.excluded),
        ),
        0.5,
      );
      return tf.mul(tf.add(pooledLoss, pairLoss), 0.5) as tf.Scalar;
    },
  };
}

/**
 * For each row the K most similar columns that are neither its own nor the same as it: indices [batch, K], and `excluded` [batch, K] with 1
 * where a row has fewer than K such. Nothing of the choice is differentiated: callers use the indices outside of the tape, and
 * `excluded` is computed from ids alone.
 */
function hardest(
  similarity: tf.Tensor,
  same: tf.Tensor,
  k: number,
): { indices: tf.Tensor; excluded: tf.Tensor } {
  const batch = similarity.shape[0];
  const blocked = tf.sub(similarity, tf.mul(tf.add(same, tf.eye(batch)), 1e3));
  const negatives = tf.sub(batch - 1, tf.sum(same, 1, true)); // [batch, 1]
  const excluded = tf.greaterEqual(tf.reshape(tf.range(0, k), [1, k]), negatives);
  return { indices: tf.topk(blocked, k).indices, excluded: tf.cast(excluded, 'float32') };
}

/** The features of pairs (images[p], captions[p]). */
function pick(image: ImageFeatures, text: TextFeatures, images: tf.Tensor1D, captions: tf.Tensor1D) {
  const rows = (x: tf.Tensor, at: tf.Tensor1D) =>
    tf.reshape(lookUp(tf.reshape(x, [x.shape[0], -1]), at), [at.shape[0], ...x.shape.slice(1)]);
  return {
    regions: rows(image.regions, images) as tf.Tensor3D,
    tokens: rows(text.tokens, captions) as tf.Tensor3D,
    mask: rows(text.mask, captions),
  };
}

function pairParameters({ dim, layers }: FusionConfig, intermediate: number): ParameterSpec[] {
  const spec = { branch: 'fusion', kind: 'parameter' } as const;
  const specs: ParameterSpec[] = [
    { ...spec, name: 'fusion.cls', shape: [dim], initial: { kind: 'normal', std: 0.02 } },
    {
      ...spec,
      name: 'fusion.type_embeddings.weight',
      shape: [2, dim],
      initial: { kind: 'normal', std: 0.02 },
    },
    ...normSpecs('fusion.LayerNorm', dim, 'fusion'),
  ];
  for (let layer = 0; layer < layers; layer++)
    specs.push(...transformerParameters({ width: dim, intermediate }, `fusion.layer.${layer}.`, 'fusion'));
  // Small, so that training starts at chance.
  specs.push({
    ...spec,
    name: 'fusion.score.weight',
    shape: [1, dim],
    initial: { kind: 'normal', std: 0.002 },
  });
  return specs;
}
