import type * as tf from '@tensorflow/tfjs';
import type { CompiledCache } from '../engines/compiled-cache.ts';
import { lengthBuckets } from '../../data/loader.ts';
import type { Engine } from '../engines/engine.ts';
import { samePairs } from '../loss.ts';
import type { Model } from '../model/model.ts';
import type { Arrays } from '../model/parameter.ts';
import { evaluating } from '../model/forward-pass.ts';
import type { Similarities } from './ranks.ts';
import { parameterSpecs } from '../step/loss-and-gradients.ts';
import { padded, type ImageVectors, type TextVectors } from './vectors.ts';

/** Says how well images and captions fit, from their vectors. */
export interface PairScores {
  /** Pooled similarities of all images with all captions, each block computed when it is asked for. */
  similarities(images: ImageVectors, texts: TextVectors): Similarities;
  /** The fusion's scores of each given image with each given caption [images, captions]. Only for fusions that have such. */
  scores(
    images: ImageVectors,
    imageAt: ArrayLike<number>,
    texts: TextVectors,
    textAt: ArrayLike<number>,
  ): Promise<Float32Array>;
  /** The loss of pairs (imageAt[p], textAt[p]) as one batch; ids tell which are the same image or caption. */
  loss(
    images: ImageVectors,
    imageAt: Int32Array,
    texts: TextVectors,
    textAt: Int32Array,
    captionIds: Int32Array,
  ): Promise<number>;
}

/** Computes with functions that are compiled into `cache`, whose owner disposes of them. */
export function createPairScores(
  engine: Engine,
  model: Model,
  arrays: Arrays,
  cache: CompiledCache,
): PairScores {
  const parameters = parameterSpecs(model);
  const pair = model.fusion.pairSimilarity;

  function similarities(image: ImageVectors, text: TextVectors): Similarities {
    const side = 512;
    const dim = image.dim;
    const part = (pooled: Float32Array, from: number): Float32Array =>
      padded(pooled.subarray(from * dim, (from + side) * dim), side * dim);
    return {
      rows: image.count,
      columns: text.count,
      side,
      async block(row, column) {
        const compiled = await cache.memo('similarities', {
          context: () =>
            engine.compile(
              (inputs) => ({
                s: model.fusion.pooledSimilarity(inputs['a'] as tf.Tensor2D, inputs['b'] as tf.Tensor2D),
              }),
              { a: float(side, dim), b: float(side, dim) },
            ),
        });
        const values = await compiled.run({ a: part(image.pooled, row), b: part(text.pooled, column) });
        return values['s'] as Float32Array;
      },
    };
  }

  return {
    similarities,
    async scores(image, imageAt, text, textAt) {
      if (!pair) throw new Error('this fusion has no scores of its own');
      // Few shapes: one side is often a single image or caption, the other as many as are re-ranked.
      const rows = imageAt.length;
      const columns = textAt.length;
      const { feeds, specs, key } = featureFeeds(widthOf(model), image, imageAt, rows, text, textAt, columns);
      const compiled = await cache.memo(`scores ${key}`, {
        context: () =>
          engine.compile(
            (inputs) => {
              const features = featuresOf(inputs);
              return { s: pair(evaluating(inputs), features.image, features.text) };
            },
            { ...parameters, ...specs },
          ),
      });
      return ((await compiled.run({ ...arrays, ...feeds }))['s'] as Float32Array).slice();
    },
    async loss(image, imageAt, text, textAt, captionIds) {
      const count = imageAt.length;
      const { feeds, specs, key } = featureFeeds(widthOf(model), image, imageAt, count, text, textAt, count);
      const compiled = await cache.memo(`loss ${key}`, {
        context: () =>
          engine.compile(
            (inputs) => {
              const { image: i, text: t } = featuresOf(inputs);
              const same = samePairs(inputs['image_ids']!, inputs['caption_ids']!);
              const pass = evaluating(inputs);
              return { loss: model.fusion.loss(pass, i, t, same, model.objective(pass)) };
            },
            { ...parameters, ...specs, image_ids: int(count), caption_ids: int(count) },
          ),
      });
      const values = await compiled.run({ ...arrays, ...feeds, image_ids: imageAt, caption_ids: captionIds });
      return values['loss']![0]!;
    },
  };
}

const featuresOf = (inputs: Record<string, tf.Tensor>) => ({
  image: { pooled: inputs['image_pooled'] as tf.Tensor2D, regions: inputs['regions'] as tf.Tensor3D },
  text: {
    pooled: inputs['text_pooled'] as tf.Tensor2D,
    tokens: inputs['tokens'] as tf.Tensor3D,
    mask: inputs['mask']!,
  },
});

/** Feeds and specs of the features of `imageAt` and `textAt`, padded to `rows` images and `columns` captions. */
function featureFeeds(
  width: number,
  image: ImageVectors,
  imageAt: ArrayLike<number>,
  rows: number,
  text: TextVectors,
  textAt: ArrayLike<number>,
  columns: number,
) {
  const dim = image.dim;
  const regionSize = image.regions ? image.regions.length / image.count : dim;
  let longest = 1;
  for (let j = 0; j < textAt.length; j++)
    longest = Math.max(longest, text.tokens ? text.tokens[textAt[j]!]!.length / width : 1);
  const length = text.tokens ? bucketOf(longest) : 1;
  const feeds = {
    image_pooled: new Float32Array(rows * dim),
    regions: new Float32Array(rows * regionSize),
    text_pooled: new Float32Array(columns * dim),
    tokens: new Float32Array(columns * length * width),
    mask: new Float32Array(columns * length),
  };
  for (let row = 0; row < rows; row++) {
    const at = imageAt[Math.min(row, imageAt.length - 1)]!;
    feeds.image_pooled.set(image.pooled.subarray(at * dim, (at + 1) * dim), row * dim);
    if (image.regions)
      feeds.regions.set(image.regions.subarray(at * regionSize, (at + 1) * regionSize), row * regionSize);
  }
  for (let row = 0; row < columns; row++) {
    const at = textAt[Math.min(row, textAt.length - 1)]!;
    feeds.text_pooled.set(text.pooled.subarray(at * dim, (at + 1) * dim), row * dim);
    const states = text.tokens?.[at];
    if (states) feeds.tokens.set(states, row * length * width);
    feeds.mask.fill(1, row * length, row * length + (states ? states.length / width : 1));
  }
  const specs = {
    image_pooled: float(rows, dim),
    regions: float(rows, regionSize / width, width),
    text_pooled: float(columns, dim),
    tokens: float(columns, length, width),
    mask: float(columns, length),
  };
  return { feeds, specs, key: `${rows} ${columns} ${length}` };
}

/** Width of the projected features. */
export function widthOf(model: Model): number {
  return model.parameters.find((spec) => spec.name === 'text_projection.weight')!.shape[0]!;
}

/** The length that captions of this many tokens are padded to. */
export const bucketOf = (length: number): number =>
  lengthBuckets.find((bucket) => bucket >= length) ?? length;

export const float = (...shape: number[]) => ({ shape, dtype: 'float32' }) as const;
const int = (...shape: number[]) => ({ shape, dtype: 'int32' }) as const;
