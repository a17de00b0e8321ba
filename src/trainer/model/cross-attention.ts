import * as tf from '@tensorflow/tfjs';
import type { FusionConfig } from '../../experiment/config.ts';
import { infoNce } from '../loss.ts';
import { normSpecs } from './bert.ts';
import type { Fusion, ImageFeatures, TextFeatures } from './fusion.ts';
import { projectAll, projections } from './late-fusion.ts';
import { layerNorm, linear, maskedMean, unitLength } from './layers.ts';
import { zeros, type ParameterSpec } from './parameter.ts';
import { input, type Pass } from './pass.ts';

const eps = 1e-5;

/**
 * Every caption's tokens attend over every picture's regions; similarity(i, j) is the mean over the caption's real tokens of the cosine
 * between the token and what it attended to. Arrays are kept with tokens along the last axis, [heads, images, ..., captions * length]:
 * forward and backward are then a few large matrix products without a transpose of the big ones.
 *
 * The pooled vectors are what the similarity becomes when attention is even: the mean region's value against the mean of the tokens'
 * directions. They need no loss of their own and find the candidates that are scored in full.
 */
export function crossAttentionFusion(config: FusionConfig, imageWidth: number, textWidth: number): Fusion {
  const { dim, heads, layers } = config;
  const name = (layer: number, part: string) => `fusion.layer.${layer}.${part}`;
  const lastValue = name(layers - 1, 'value');
  const parameters = [...projections(dim, imageWidth, textWidth)];
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ['query', 'key', 'value']) parameters.push(...attentionSpecs(name(layer, part), dim));
    if (layer < layers - 1)
      parameters.push(
        ...attentionSpecs(name(layer, 'output'), dim),
        ...normSpecs(name(layer, 'LayerNorm'), dim, 'fusion'),
      );
  }
  const pairSimilarity = (pass: Pass, image: ImageFeatures, text: TextFeatures): tf.Tensor2D => {
    const images = image.regions.shape[0];
    const [captions, length] = text.tokens.shape;
    const tokens = tf.reshape(text.tokens, [captions * length, dim]);
    let own: tf.Tensor | null = null; // token states of each picture-caption pair [images * captions * length, dim] after the first layer
    for (let layer = 0; layer < layers - 1; layer++) {
      const attended = attend(
        pass,
        heads,
        (part) => name(layer, part),
        image.regions,
        own ?? tokens,
        own !== null,
      ); // [heads, images, dim / heads, n]
      const rows = tf.reshape(tf.transpose(attended, [1, 3, 0, 2]), [images * captions * length, dim]);
      const mixed = dense(pass, name(layer, 'output'), rows);
      const before =
        own ??
        tf.reshape(tf.tile(tf.expandDims(tokens, 0), [images, 1, 1]), [images * captions * length, dim]);
      own = layerNorm(
        tf.add(before, mixed),
        input(pass, name(layer, 'LayerNorm.weight')),
        input(pass, name(layer, 'LayerNorm.bias')),
        eps,
      );
    }
    const attended = attend(
      pass,
      heads,
      (part) => name(layers - 1, part),
      image.regions,
      own ?? tokens,
      own !== null,
    );
    const directions = tf.transpose(unitLength(tokens)); // [dim, captions * length]
    const cosines = cosineWith(
      attended,
      tf.reshape(directions, [heads, 1, dim / heads, captions * length]) as tf.Tensor4D,
    );
    const shares = tf.div(text.mask, tf.sum(text.mask, 1, true)); // [captions, length]
    return tf.sum(tf.mul(tf.reshape(cosines, [images, captions, length]), shares), 2) as tf.Tensor2D;
  };
  return {
    parameters,
    projectImage(pass, regions) {
      const projected = projectAll(regions, input(pass, 'image_projection.weight'));
      const value = dense(pass, lastValue, tf.mean(projected, 1));
      return { pooled: unitLength(value) as tf.Tensor2D, regions: projected };
    },
    projectText(pass, states, _pooled, mask) {
      const tokens = projectAll(states, input(pass, 'text_projection.weight'));
      return { pooled: maskedMean(unitLength(tokens), mask), tokens, mask };
    },
    pooledSimilarity: (image, text) => tf.matMul(image, text, false, true),
    pairSimilarity,
    loss: (pass, image, text, same, logitScale) =>
      infoNce(pairSimilarity(pass, image, text), same, logitScale),
  };
}

/**
 * What each token gets from each picture: [heads, images, dim / heads, n], n = captions * length. Tokens are [n, dim], or with `perPair`
 * [images * n, dim]. The softmax over regions is left as two sums, of e^s v and of e^s (a row of ones under the values), divided at the end.
 */
function attend(
  pass: Pass,
  heads: number,
  name: (part: string) => string,
  regions: tf.Tensor3D,
  tokens: tf.Tensor,
  perPair: boolean,
): tf.Tensor4D {
  const [images, count, dim] = regions.shape;
  const size = dim / heads;
  const n = tokens.shape[0]! / (perPair ? images : 1);
  const flat = tf.reshape(regions, [images * count, dim]);
  const scaled = tf.mul(dense(pass, name('query'), tokens), size ** -0.5);
  const keys = tf.transpose(
    tf.reshape(dense(pass, name('key'), flat), [images * count, heads, size]),
    [1, 0, 2],
  ); // [heads, images * count, size]
  let scores: tf.Tensor; // [heads * images, count, n]
  if (perPair) {
    const queries = tf.transpose(tf.reshape(scaled, [images, n, heads, size]), [2, 0, 1, 3]);
    scores = tf.matMul(
      tf.reshape(keys, [heads * images, count, size]),
      tf.reshape(queries, [heads * images, n, size]),
      false,
      true,
    );
  } else {
    const queries = tf.transpose(tf.reshape(scaled, [n, heads, size]), [1, 0, 2]); // [heads, n, size]
    scores = tf.reshape(tf.matMul(keys, queries, false, true), [heads * images, count, n]);
  }
  const values = tf.transpose(
    tf.reshape(dense(pass, name('value'), flat), [images, count, heads, size]),
    [2, 0, 1, 3],
  );
  const weights = expOfCentred(scores); // [heads * images, count, n]
  const sums = tf.matMul(tf.reshape(values, [heads * images, count, size]), weights, true, false); // [heads * images, size, n]
  const total = tf.sum(weights, 1, true); // [heads * images, 1, n]
  return tf.reshape(tf.div(sums, total), [heads, images, size, n]);
}

/** exp(s - max over regions) of [batch, regions, n]. The maximum cancels in the shares, so it gets no gradient. */
function expOfCentred(scores: tf.Tensor): tf.Tensor3D {
  const exponential = tf.customGrad((...args) => {
    const [s, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const value = tf.exp(tf.sub(s, tf.max(s, 1, true)));
    save([value]);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [tf.mul(dy, saved[0]!)] };
  });
  return exponential(scores) as tf.Tensor3D;
}

/** Cosine over all heads of attended [heads, images, size, n] with unit directions [heads, 1, size, n] -> [images, n]. */
function cosineWith(attended: tf.Tensor4D, directions: tf.Tensor4D): tf.Tensor2D {
  const dot = tf.sum(tf.mul(attended, directions), [0, 2]);
  const square = tf.sum(tf.square(attended), [0, 2]);
  return tf.mul(dot, tf.rsqrt(tf.add(square, 1e-12))) as tf.Tensor2D;
}

function dense(pass: Pass, name: string, rows: tf.Tensor): tf.Tensor2D {
  return linear(rows, input(pass, `${name}.weight`), input(pass, `${name}.bias`));
}

/** torch's MultiheadAttention: xavier uniform weights, zero biases. */
function attentionSpecs(name: string, dim: number): ParameterSpec[] {
  const spec = { branch: 'fusion', kind: 'parameter' } as const;
  return [
    {
      ...spec,
      name: `${name}.weight`,
      shape: [dim, dim],
      initial: { kind: 'uniform', bound: Math.sqrt(3 / dim) },
    },
    { ...spec, name: `${name}.bias`, shape: [dim], initial: zeros },
  ];
}
