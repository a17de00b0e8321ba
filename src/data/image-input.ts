import type { FeatureReader } from './frozen-inputs.ts';
import type { Augmentation } from './images/augment.ts';
import { normalise, normalTable } from './images/normalise.ts';
import { pixelSource } from './images/pixel-source.ts';
import type { Preprocessing } from './images/preprocessing.ts';
import type { LoaderConfig } from './loader.ts';
import type { PairSet } from './pair-set.ts';

/** Writes what a model sees of an image into a batch, from `start`. */
export type Fill = (batch: Float32Array, start: number) => void;

/** What a model sees of images: their pixels, or features where its encoder is frozen. */
export interface ImageInput {
  /** Of one image. */
  shape: readonly number[];
  /** Rejects when the image cannot be decoded. */
  of(pair: number, augmented: Augmentation): Promise<Fill>;
  /** Whether an image's features are kept; only where there are features. */
  isKept(pair: number, augmented: Augmentation): Promise<boolean>;
  cacheProblem(): string | null;
  close(): Promise<void>;
}

/** Normalised pixels [side, side, 3]. */
export function pixelInput(
  pairs: PairSet,
  config: LoaderConfig,
  train: boolean,
  preprocessing: Preprocessing,
): ImageInput {
  const { image_size: side } = config;
  const source = pixelSource(pairs, config, train, preprocessing);
  const table = normalTable(preprocessing);
  return {
    shape: [side, side, 3],
    async of(pair, { crop, flip }) {
      const pixels = await source.pixels(pair, crop);
      return (batch, start) => normalise(pixels, side, flip, table, batch, start);
    },
    isKept: () => Promise.resolve(false),
    cacheProblem: () => source.cacheProblem(),
    close: () => source.close(),
  };
}

/** Features [rows, width] of those pixels. Decoded images are not kept beside them: each is wanted once for each of its features. */
export function featureInput(
  pairs: PairSet,
  config: LoaderConfig,
  train: boolean,
  preprocessing: Preprocessing,
  { image: features, views }: { image: FeatureReader<Float32Array>; views: number },
): ImageInput {
  const augment = { ...config.augment, crop: views > 1 ? config.augment.crop : null };
  const pixels = pixelInput(pairs, { ...config, augment, cache_dir: null }, train, preprocessing);
  const { rows, width } = features;
  const stampOf = async (pair: number, { crop, flip }: Augmentation): Promise<string | null> => {
    const stamp = await pairs.imageStamp(pair);
    const part = crop ? [crop.left, crop.top, crop.width, crop.height].join() : 'whole';
    return stamp && `${stamp}\n${part}${flip ? ' flipped' : ''}`;
  };
  return {
    shape: [rows, width],
    async of(pair, augmented) {
      const values = await features.get(await stampOf(pair, augmented), rows, async () => {
        const fill = await pixels.of(pair, augmented);
        const image = new Float32Array(config.image_size ** 2 * 3);
        fill(image, 0);
        return image;
      });
      return (batch, start) => batch.set(values, start);
    },
    async isKept(pair, augmented) {
      const stamp = await stampOf(pair, augmented);
      return stamp !== null && features.has(stamp, rows);
    },
    cacheProblem: () => null,
    close: () => pixels.close(),
  };
}
