import type * as tf from '@tensorflow/tfjs';
import type { CaptionFeatures } from '../../data/caption-input.ts';
import type { ImageRows } from '../../data/image-input.ts';
import { compiledCache } from '../engines/compiled-cache.ts';
import type { Engine, Values } from '../engines/engine.ts';
import type { Model } from '../model/model.ts';
import { padFeatures, padTokens } from './pad-tokens.ts';
import { sizeOf, type Arrays } from '../model/parameter.ts';
import { evaluating } from '../model/forward-pass.ts';
import { bucketOf, createPairScores, float, type PairScores } from './pair-scores.ts';
import { parameterSpecs } from '../step/loss-and-gradients.ts';
import { joined, padded, type ImageVectors, type TextVectors } from './vectors.ts';

/** Turns images and captions into vectors with a model's arrays as they stand at each call, and scores pairs. */
export interface Embedder extends PairScores {
  /** 8-bit pixels [n, side, side, 3], or what else the model takes of images. */
  images(pixels: ImageRows, side: number): Promise<ImageVectors>;
  /** Token ids of each caption, [CLS] and [SEP] included. */
  texts(captions: readonly Int32Array[]): Promise<TextVectors>;
  dispose(): void;
}

/** `batch`: how many images or captions are computed at once. `captionFeatures`: where the model takes features of captions. */
export function createEmbedder(
  engine: Engine,
  model: Model,
  arrays: Arrays,
  batch: number,
  captionFeatures: CaptionFeatures | null = null,
): Embedder {
  const cache = compiledCache(24);
  const parameters = parameterSpecs(model);
  const pair = model.fusion.pairSimilarity;

  async function images(pixels: ImageRows, side: number): Promise<ImageVectors> {
    const spec = model.images.spec(batch, side);
    const size = sizeOf(spec.shape) / batch;
    const count = pixels.length / size;
    const compiled = await cache.memo(`images ${side}`, {
      context: () =>
        engine.compile(
          (inputs): Record<string, tf.Tensor> => {
            const pass = evaluating(inputs);
            const { pooled, regions } = model.encodeImages(pass, model.readImages(pass));
            return pair ? { pooled, regions } : { pooled };
          },
          { ...parameters, [model.images.name]: spec },
        ),
    });
    const parts: { pooled: Float32Array[]; regions: Float32Array[] } = { pooled: [], regions: [] };
    for (let start = 0; start < count; start += batch) {
      const feed = padded(pixels.subarray(start * size, (start + batch) * size), batch * size);
      const values = await compiled.run({ ...arrays, [model.images.name]: feed });
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

  const rowsOf = (ids: Int32Array): number => captionFeatures?.rows(ids) ?? ids.length;
  const feedsOf = async (captions: Int32Array[], length: number): Promise<Values> =>
    captionFeatures
      ? padFeatures(await captionFeatures.of(captions), captionFeatures.width, batch, length)
      : padTokens(captions, batch, length);

  async function texts(captions: readonly Int32Array[]): Promise<TextVectors> {
    const byLength = new Map<number, number[]>();
    captions.forEach((ids, at) => {
      const length = rowsOf(ids) === 1 ? 1 : bucketOf(rowsOf(ids));
      const places = byLength.get(length);
      if (places) places.push(at);
      else byLength.set(length, [at]);
    });
    let pooled = new Float32Array(0);
    let dim = 0;
    const tokens: Float32Array[] | null = pair ? new Array<Float32Array>(captions.length) : null;
    for (const [length, places] of [...byLength].sort(([a], [b]) => a - b)) {
      const compiled = await cache.memo(`texts ${length}`, {
        context: () =>
          engine.compile(
            (inputs): Record<string, tf.Tensor> => {
              const text = model.encodeTexts(
                evaluating(inputs),
                inputs[model.captions.name]!,
                inputs['mask']!,
              );
              return pair ? { pooled: text.pooled, tokens: text.tokens } : { pooled: text.pooled };
            },
            {
              ...parameters,
              [model.captions.name]: model.captions.spec(batch, length),
              mask: float(batch, length),
            },
          ),
      });
      for (let start = 0; start < places.length; start += batch) {
        const part = places.slice(start, start + batch);
        const some = part.map((at) => captions[at]!);
        const values = await compiled.run({ ...arrays, ...(await feedsOf(some, length)) });
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
          if (tokens) tokens[at] = states!.slice(from, from + rowsOf(captions[at]!) * width);
        });
      }
    }
    return { count: captions.length, dim, pooled, tokens };
  }

  return {
    images,
    texts,
    ...createPairScores(engine, model, arrays, cache),
    dispose: () => cache.clear(),
  };
}
