import type * as tf from '@tensorflow/tfjs';
import { CompiledCache } from './compiled-cache.ts';
import { lengthBuckets } from './data/loader.ts';
import type { Engine, Values } from './engines/engine.ts';
import { samePairs } from './loss.ts';
import type { Model } from './model/model.ts';
import type { Arrays } from './model/parameter.ts';
import type { Pass } from './model/pass.ts';
import { parameterSpecs } from './step.ts';

/** Vectors of n pictures. */
export interface ImageVectors {
  count: number;
  dim: number;
  /** [n, dim] */
  pooled: Float32Array;
  /** [n, regions, width]; null when the fusion scores pairs by their pooled vectors alone. */
  regions: Float32Array | null;
}

/** Vectors of n captions. */
export interface TextVectors {
  count: number;
  dim: number;
  pooled: Float32Array;
  /** Per caption its token states [length, width], without padding; null as above. */
  tokens: Float32Array[] | null;
}

/** Turns pictures and captions into vectors with a model's arrays as they stand at each call, and scores pairs. */
export interface Embedder {
  /** pixels [n, side, side, 3], normalised. */
  images(pixels: Float32Array, side: number): Promise<ImageVectors>;
  /** Token ids of each caption, [CLS] and [SEP] included. */
  texts(captions: readonly Int32Array[]): Promise<TextVectors>;
  /** Pooled similarities of one picture (or caption) with all of the other side. */
  similarities(
    images: ImageVectors,
    texts: TextVectors,
  ): Promise<{ row(image: number): Float32Array; column(text: number): Float32Array }>;
  /** The fusion's scores of each given picture with each given caption [pictures, captions]. Only for fusions that have such. */
  scores(
    images: ImageVectors,
    imageAt: ArrayLike<number>,
    texts: TextVectors,
    textAt: ArrayLike<number>,
  ): Promise<Float32Array>;
  /** The loss of pairs (imageAt[p], textAt[p]) as one batch; ids tell which are the same picture or caption. */
  loss(
    images: ImageVectors,
    imageAt: Int32Array,
    texts: TextVectors,
    textAt: Int32Array,
    captionIds: Int32Array,
  ): Promise<number>;
  dispose(): void;
}

/** `batch`: how many pictures or captions are computed at once. */
export function createEmbedder(engine: Engine, model: Model, arrays: Arrays, batch: number): Embedder {
  const cache = new CompiledCache(24);
  const parameters = parameterSpecs(model);
  const pair = model.fusion.pairSimilarity;
  const passOf = (inputs: Record<string, tf.Tensor>): Pass => ({ inputs, training: false, statistics: {} });
  const float = (...shape: number[]) => ({ shape, dtype: 'float32' }) as const;
  const int = (...shape: number[]) => ({ shape, dtype: 'int32' }) as const;

  async function images(pixels: Float32Array, side: number): Promise<ImageVectors> {
    const size = side * side * 3;
    const count = pixels.length / size;
    const compiled = await cache.get(`images ${side}`, () =>
      engine.compile(
        (inputs): Record<string, tf.Tensor> => {
          const { pooled, regions } = model.encodeImages(passOf(inputs), inputs['pixels']!);
          return pair ? { pooled, regions } : { pooled };
        },
        { ...parameters, pixels: float(batch, side, side, 3) },
      ),
    );
    const parts: { pooled: Float32Array[]; regions: Float32Array[] } = { pooled: [], regions: [] };
    for (let start = 0; start < count; start += batch) {
      const feed = padded(pixels.subarray(start * size, (start + batch) * size), batch * size);
      const values = await compiled.run({ ...arrays, pixels: feed });
      const share = Math.min(1, (count - start) / batch);
      for (const name of ['pooled', 'regions'] as const) {
        const part = values[name] as Float32Array | undefined;
        if (part) parts[name].push(part.slice(0, Math.round(part.length * share)));
      }
    }
    const pooled = joined(parts.pooled);
    return {
      count,
      dim: pooled.length / Math.max(1, count),
      pooled,
      regions: pair ? joined(parts.regions) : null,
    };
  }

  async function texts(captions: readonly Int32Array[]): Promise<TextVectors> {
    const byLength = new Map<number, number[]>();
    captions.forEach((ids, at) => {
      const length = bucketOf(ids.length);
      byLength.set(length, [...(byLength.get(length) ?? []), at]);
    });
    let pooled = new Float32Array(0);
    let dim = 0;
    const tokens: Float32Array[] | null = pair ? new Array<Float32Array>(captions.length) : null;
    for (const [length, places] of [...byLength].sort(([a], [b]) => a - b)) {
      const compiled = await cache.get(`texts ${length}`, () =>
        engine.compile(
          (inputs): Record<string, tf.Tensor> => {
            const text = model.encodeTexts(passOf(inputs), inputs['token_ids']!, inputs['mask']!);
            return pair ? { pooled: text.pooled, tokens: text.tokens } : { pooled: text.pooled };
          },
          { ...parameters, token_ids: int(batch, length), mask: float(batch, length) },
        ),
      );
      for (let start = 0; start < places.length; start += batch) {
        const part = places.slice(start, start + batch);
        const values = await compiled.run({
          ...arrays,
          ...padTokens(
            part.map((at) => captions[at]!),
            batch,
            length,
          ),
        });
        const vectors = values['pooled'] as Float32Array;
        if (pooled.length === 0) {
          dim = vectors.length / batch;
          pooled = new Float32Array(captions.length * dim);
        }
        const states = values['tokens'] as Float32Array | undefined;
        const width = states ? states.length / (batch * length) : 0;
        part.forEach((at, row) => {
          pooled.set(vectors.subarray(row * dim, (row + 1) * dim), at * dim);
          const from = row * length * width;
          if (tokens) tokens[at] = states!.slice(from, from + captions[at]!.length * width);
        });
      }
    }
    return { count: captions.length, dim, pooled, tokens };
  }

  async function similarities(image: ImageVectors, text: TextVectors) {
    const block = 512;
    const dim = image.dim;
    const compiled = await cache.get('similarities', () =>
      engine.compile(
        (inputs) => ({
          s: model.fusion.pooledSimilarity(inputs['a'] as tf.Tensor2D, inputs['b'] as tf.Tensor2D),
        }),
        { a: float(block, dim), b: float(block, dim) },
      ),
    );
    const all = new Float32Array(image.count * text.count);
    for (let i = 0; i < image.count; i += block) {
      for (let j = 0; j < text.count; j += block) {
        const a = padded(image.pooled.subarray(i * dim, (i + block) * dim), block * dim);
        const b = padded(text.pooled.subarray(j * dim, (j + block) * dim), block * dim);
        const values = (await compiled.run({ a, b }))['s'] as Float32Array;
        const columns = Math.min(block, text.count - j);
        for (let row = 0; row < Math.min(block, image.count - i); row++)
          all.set(values.subarray(row * block, row * block + columns), (i + row) * text.count + j);
      }
    }
    return {
      row: (at: number) => all.subarray(at * text.count, (at + 1) * text.count),
      column: (at: number) => Float32Array.from({ length: image.count }, (_, i) => all[i * text.count + at]!),
    };
  }

  /** Feeds and specs of the features of `imageAt` and `textAt`, padded to `rows` pictures and `columns` captions. */
  function featureFeeds(
    image: ImageVectors,
    imageAt: ArrayLike<number>,
    rows: number,
    text: TextVectors,
    textAt: ArrayLike<number>,
    columns: number,
  ) {
    const dim = image.dim;
    const regionSize = image.regions ? image.regions.length / image.count : dim;
    const width = text.tokens ? widthOf(model) : dim;
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

  const featuresOf = (inputs: Record<string, tf.Tensor>) => ({
    image: { pooled: inputs['image_pooled'] as tf.Tensor2D, regions: inputs['regions'] as tf.Tensor3D },
    text: {
      pooled: inputs['text_pooled'] as tf.Tensor2D,
      tokens: inputs['tokens'] as tf.Tensor3D,
      mask: inputs['mask']!,
    },
  });

  return {
    images,
    texts,
    similarities,
    async scores(image, imageAt, text, textAt) {
      if (!pair) throw new Error('this fusion has no scores of its own');
      // Few shapes: one side is often a single picture or caption, the other as many as are re-ranked.
      const rows = imageAt.length;
      const columns = textAt.length;
      const { feeds, specs, key } = featureFeeds(image, imageAt, rows, text, textAt, columns);
      const compiled = await cache.get(`scores ${key}`, () =>
        engine.compile(
          (inputs) => {
            const features = featuresOf(inputs);
            return { s: pair(passOf(inputs), features.image, features.text) };
          },
          { ...parameters, ...specs },
        ),
      );
      return ((await compiled.run({ ...arrays, ...feeds }))['s'] as Float32Array).slice();
    },
    async loss(image, imageAt, text, textAt, captionIds) {
      const count = imageAt.length;
      const { feeds, specs, key } = featureFeeds(image, imageAt, count, text, textAt, count);
      const compiled = await cache.get(`loss ${key}`, () =>
        engine.compile(
          (inputs) => {
            const { image: i, text: t } = featuresOf(inputs);
            const same = samePairs(inputs['image_ids']!, inputs['caption_ids']!);
            return { loss: model.fusion.loss(passOf(inputs), i, t, same, inputs['logit_scale']!) };
          },
          { ...parameters, ...specs, image_ids: int(count), caption_ids: int(count) },
        ),
      );
      const values = await compiled.run({ ...arrays, ...feeds, image_ids: imageAt, caption_ids: captionIds });
      return values['loss']![0]!;
    },
    dispose: () => cache.dispose(),
  };
}

/** Width of the projected features. */
function widthOf(model: Model): number {
  return model.parameters.find((spec) => spec.name === 'text_projection.weight')!.shape[0]!;
}

const bucketOf = (length: number): number => lengthBuckets.find((bucket) => bucket >= length) ?? length;

function padTokens(captions: Int32Array[], rows: number, length: number): Values {
  const tokenIds = new Int32Array(rows * length);
  const mask = new Float32Array(rows * length);
  for (let row = 0; row < rows; row++) {
    const ids = captions[row];
    if (ids) tokenIds.set(ids, row * length);
    mask.fill(1, row * length, row * length + (ids?.length ?? 1)); // a row beyond the captions: one token, so that nothing divides by 0
  }
  return { token_ids: tokenIds, mask };
}

function padded(values: Float32Array, size: number): Float32Array {
  if (values.length === size) return values;
  const larger = new Float32Array(size);
  larger.set(values);
  return larger;
}

function joined(parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
