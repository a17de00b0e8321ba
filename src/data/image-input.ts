import type { FeatureReader } from './frozen-inputs.ts';
import type { Augmentation } from './images/augment.ts';
import { mirror } from './images/mirror.ts';
import { normalise, normalTable } from './images/normalise.ts';
import { pixelSource } from './images/pixel-source.ts';
import type { Preprocessing } from './images/preprocessing.ts';
import type { LoaderConfig } from './loader.ts';
import type { PairSet } from './pair-set.ts';

/** What a model sees of images, one after the other: 8-bit pixels, or features. */
export type ImageRows = Uint8Array | Float32Array;

/** What a model sees of images: their pixels, or features where its encoder is frozen. */
export interface ImageInput<Rows extends ImageRows = ImageRows> {
  /** Of one image. */
  shape: readonly number[];
  /** Memory of so many images. */
  room(images: number): Rows;
  /** Writes what the model sees of one. Rejects when the image cannot be decoded. */
  write(pair: number, augmented: Augmentation, into: Rows): Promise<void>;
  /** Whether an image's features are kept; only where there are features. */
  isKept(pair: number, augmented: Augmentation): Promise<boolean>;
  cacheProblem(): string | null;
  close(): Promise<void>;
}

/** 8-bit pixels [side, side, 3]: normalising them is the first thing that a graph does (see `normalised`). */
export function pixelInput(
  pairs: PairSet,
  config: LoaderConfig,
  train: boolean,
  preprocessing: Preprocessing,
): ImageInput<Uint8Array> {
  const { image_size: side } = config;
  const source = pixelSource(pairs, config, train, preprocessing);
  return {
    shape: [side, side, 3],
    room: (images) => new Uint8Array(images * side * side * 3),
    async write(pair, { crop, flip }, into) {
      await source.write(pair, crop, into);
      if (flip) mirror(into, side);
    },
    isKept: () => Promise.resolve(false),
    cacheProblem: () => source.cacheProblem(),
    close: () => source.close(),
  };
}

/** Features [rows, width] of normalised pixels. Decoded images are not kept beside them: each is wanted once for each of its features. */
export function featureInput(
  pairs: PairSet,
  config: LoaderConfig,
  train: boolean,
  preprocessing: Preprocessing,
  { image: features, views }: { image: FeatureReader<Float32Array>; views: number },
): ImageInput<Float32Array> {
  const augment = { ...config.augment, crop: views > 1 ? config.augment.crop : null };
  const pixels = pixelInput(pairs, { ...config, augment, cache_dir: null }, train, preprocessing);
  const table = normalTable(preprocessing);
  const { rows, width } = features;
  const stampOf = async (pair: number, { crop, flip }: Augmentation): Promise<string | null> => {
    const stamp = await pairs.imageStamp(pair);
    const part = crop ? [crop.left, crop.top, crop.width, crop.height].join() : 'whole';
    return stamp && `${stamp}\n${part}${flip ? ' flipped' : ''}`;
  };
  return {
    shape: [rows, width],
    room: (images) => new Float32Array(images * rows * width),
    async write(pair, augmented, into) {
      const values = await features.get(await stampOf(pair, augmented), rows, async () => {
        const image = pixels.room(1);
        await pixels.write(pair, augmented, image);
        return normalise(image, table);
      });
      into.set(values);
    },
    async isKept(pair, augmented) {
      const stamp = await stampOf(pair, augmented);
      return stamp !== null && features.has(stamp, rows);
    },
    cacheProblem: () => null,
    close: () => pixels.close(),
  };
}
