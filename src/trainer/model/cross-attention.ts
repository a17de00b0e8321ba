import * as tf from '@tensorflow/tfjs';
import type { FusionConfig } from '../../experiment/config.ts';
import { attend, dotAndSquare, sharesOf, type Head } from './attention-head.ts';
import { normSpecs } from './transformer.ts';
import type { Fusion, ImageFeatures, TextFeatures } from './fusion.ts';
import { projectAll, projections } from './late-fusion.ts';
import { layerNorm, linearLast, maskedMean, unitLength } from './layers.ts';
import { zeros, type ParameterSpec } from './parameter.ts';
import { input, type ForwardPass } from './forward-pass.ts';

const eps = 1e-5;

/**
 * Every caption's tokens attend over every image's regions; similarity(i, j) is the mean over the caption's real tokens of the cosine
 * between the token and what it attended to. Heads are computed one by one and images in parts, so that the scores of one, at most
 * `scoresAtOnce` unless one image has more, stay in a processor's cache (8 MB): all at once took a fifth longer and twice the memory.
 *
 * The pooled vectors are what the similarity becomes when attention is even: the mean region's value against the mean of the tokens'
 * directions. They need no loss of their own and find the candidates that are scored in full.
 */
export function crossAttentionFusion(
  config: FusionConfig,
  imageWidth: number,
  textWidth: number,
  scoresAtOnce = 2 ** 21,
): Fusion {
  const { dim, heads, layers } = config;
  const name = (layer: number, part: string) => `fusion.layer.${layer}.${part}`;
  const lastValue = name(layers - 1, 'value');
  const parameters: ParameterSpec[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ['query', 'key', 'value']) parameters.push(...attentionSpecs(name(layer, part), dim));
    if (layer < layers - 1)
      parameters.push(
        ...attentionSpecs(name(layer, 'output'), dim),
        ...normSpecs(name(layer, 'LayerNorm'), dim, 'fusion'),
      );
  }
  /** What a layer makes of the tokens. */
  const tokensAfter = (pass: ForwardPass, layer: number, own: tf.Tensor, headsOf: Head[]): tf.Tensor =>
    layerNorm(
      tf.add(own, dense(pass, name(layer, 'output'), tf.concat(headsOf.map(attend), 2))),
      input(pass, name(layer, 'LayerNorm.weight')),
      input(pass, name(layer, 'LayerNorm.bias')),
      eps,
    );
  const attention = (pass: ForwardPass, regions: tf.Tensor3D, tokens: tf.Tensor3D): tf.Tensor4D => {
    let own: tf.Tensor = tokens; // [1, length, dim]
    const shares: tf.Tensor[] = [];
    for (let layer = 0; layer < layers; layer++) {
      const byHead = (part: string): tf.Tensor3D[] =>
        byGroup(dense(pass, name(layer, part), regions), [1], heads)[0]!;
      const [keys, values] = [byHead('key'), byHead('value')];
      const headsOf = queriesOf(pass, name(layer, 'query'), own, heads).map((queries, head): Head => ({
        queries,
        keys: keys[head]!,
        values: values[head]!,
      }));
      shares.push(tf.concat(headsOf.map(sharesOf))); // [heads, length, regions]
      if (layer < layers - 1) own = tokensAfter(pass, layer, own, headsOf);
    }
    return tf.stack(shares) as tf.Tensor4D;
  };
  const pairSimilarity = (
    pass: ForwardPass,
    image: Pick<ImageFeatures, 'regions'>,
    text: Pick<TextFeatures, 'tokens' | 'mask'>,
  ): tf.Tensor2D => {
    const [images, count] = image.regions.shape;
    const [captions, length] = text.tokens.shape;
    const n = captions * length;
    const tokens = tf.reshape(text.tokens, [n, dim]);
    const directions = tf.split(tf.transpose(unitLength(tokens)), heads) as tf.Tensor2D[]; // each [dim / heads, n]
    const sizes = evenParts(images, Math.floor(scoresAtOnce / (count * n)));
    const ofLayers = Array.from({ length: layers }, (_, layer) => ({
      keys: byGroup(dense(pass, name(layer, 'key'), image.regions), sizes, heads),
      values: byGroup(dense(pass, name(layer, 'value'), image.regions), sizes, heads),
    }));
    const firstQueries = queriesOf(pass, name(0, 'query'), tokens, heads);
    const cosines = sizes.map((_, group) => {
      let own = tokens; // after the first layer each pair has its own [images, n, dim]
      let queries = firstQueries;
      const headsOf = (layer: number): Head[] =>
        queries.map((query, head) => ({
          queries: query,
          keys: ofLayers[layer]!.keys[group]![head]!,
          values: ofLayers[layer]!.values[group]![head]!,
        }));
      for (let layer = 0; layer < layers - 1; layer++) {
        own = tokensAfter(pass, layer, own, headsOf(layer)); // [images, n, dim]
        queries = queriesOf(pass, name(layer + 1, 'query'), own, heads);
      }
      const parts = headsOf(layers - 1).map((head, at) => dotAndSquare(head, directions[at]!));
      const [dot, square] = tf.unstack(parts.reduce((a, b) => tf.add(a, b)));
      return tf.mul(dot!, tf.rsqrt(tf.add(square!, 1e-12))); // [images, n]
    });
    const share = tf.div(text.mask, tf.sum(text.mask, 1, true)); // [captions, length]
    return tf.sum(
      tf.mul(tf.reshape(tf.concat(cosines), [images, captions, length]), share),
      2,
    ) as tf.Tensor2D;
  };
  return {
    parameters: [...projections(dim, imageWidth, textWidth), ...parameters],
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
    attention,
    matrix: {
      image: ({ regions }) => regions,
      text: ({ tokens }) => tokens,
      similarity: (pass, image, text, mask) =>
        pairSimilarity(pass, { regions: ofWidth(image, dim) }, { tokens: ofWidth(text, dim), mask }),
      parameters: parameters.map((spec) => spec.name),
    },
    loss: (pass, image, text, same, objective) => objective.ofBatch(pairSimilarity(pass, image, text), same),
  };
}

/** Rows [n, numbers] as [n, numbers / width, width]. */
const ofWidth = (rows: tf.Tensor2D, width: number): tf.Tensor3D =>
  tf.reshape(rows, [rows.shape[0], rows.shape[1] / width, width]);

/** Parts that differ by at most one, none larger than `most` (but at least 1). */
function evenParts(total: number, most: number): number[] {
  const count = Math.ceil(total / Math.max(1, most));
  return Array.from({ length: count }, (_, part) => Math.ceil((total - part) / count));
}

/** x [images, regions, dim] as parts [group][head] of [images of the group, regions, dim / heads]. */
function byGroup(x: tf.Tensor, sizes: readonly number[], heads: number): tf.Tensor3D[][] {
  const [images, count, dim] = x.shape as [number, number, number];
  const byHead = tf.transpose(tf.reshape(x, [images, count, heads, dim / heads]), [2, 0, 1, 3]);
  const flat = tf.reshape(byHead, [heads * images, count, dim / heads]);
  const parts = tf.split(flat, Array.from({ length: heads }, () => sizes).flat()) as tf.Tensor3D[];
  return sizes.map((_, group) =>
    Array.from({ length: heads }, (_, head) => parts[head * sizes.length + group]!),
  );
}

/** The scaled queries of tokens [..., n, dim] by head, each [..., n, dim / heads]. */
function queriesOf(pass: ForwardPass, name: string, tokens: tf.Tensor, heads: number): tf.Tensor[] {
  const size = tokens.shape.at(-1)! / heads;
  return tf.split(tf.mul(dense(pass, name, tokens), size ** -0.5), heads, -1);
}

const dense = (pass: ForwardPass, name: string, rows: tf.Tensor): tf.Tensor =>
  linearLast(rows, input(pass, `${name}.weight`), input(pass, `${name}.bias`));

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
