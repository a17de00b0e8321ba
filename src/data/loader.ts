import type { DataConfig } from '../experiment/config.ts';
import { applyToCaption, augmentation, plain, type Augmentation } from './images/augment.ts';
import { tooManyBad, type BadImage } from './images/bad-images.ts';
import { permutation } from './hash.ts';
import { machineFault } from './machine-fault.ts';
import type { PairSet } from './pair-set.ts';
import { pixelSource } from './images/pixel-source.ts';
import { normalise, normalTable } from './images/normalise.ts';
import { squeezed, type Preprocessing } from './images/preprocessing.ts';
import { prefetched } from './prefetch.ts';
import type { Tokenizer } from './captions/tokenizer.ts';

export type LoaderConfig = Pick<
  DataConfig,
  'image_size' | 'max_length' | 'augment' | 'max_bad_fraction' | 'cache_dir'
>;

export interface LoaderOptions {
  pairs: PairSet;
  /** Pairs that are loaded: one side of the split. */
  indices: Int32Array;
  config: LoaderConfig;
  batchSize: number;
  tokenizer: Tokenizer;
  /** Of images; `squeezed` when it is absent. */
  preprocessing?: Preprocessing;
  seed: number;
  /** true: a new order each epoch, augmented, whole batches only. false: in order, plain, the last batch may be smaller. */
  train: boolean;
}

export interface Batch {
  /** Pairs in the batch, B. */
  size: number;
  /** Side of the images, S. */
  imageSize: number;
  /** [B, S, S, 3], rows from the top; (value / 255 - mean) / deviation of the preprocessing. */
  pixels: Float32Array;
  /** Longest caption of the batch, rounded up to one of few lengths, L. */
  length: number;
  /** [B, L], padded with [PAD]. */
  tokenIds: Int32Array;
  /** [B, L]: 1 for a token, 0 for padding. */
  mask: Float32Array;
  /** [B]: same id, same image. */
  imageIds: Int32Array;
  /** [B]: same id, same caption (before augmentation). */
  captionIds: Int32Array;
  /** [B]: indices into the pair set. */
  pairs: Int32Array;
}

export interface Loader {
  batchesPerEpoch: number;
  /** The pairs of an epoch in order, as indices into the pair set. */
  order(epoch: number): Int32Array;
  /**
   * A batch of an epoch, both counted from 0: the same for the same seed, whatever was asked before and whether or not images were cached.
   * The batches after it are prepared meanwhile. A image that cannot be decoded is recorded; in training the next pair of the
   * epoch whose image can be takes its place, in validation its place is left out. Rejects with a HumanError when there are too many
   * (`bad_pictures`), or when not the image but the machine is at fault (`disk_full`, `too_many_files`...).
   */
  batch(epoch: number, index: number): Promise<Batch>;
  /** Images that could not be decoded so far. */
  badImages: BadImage[];
  /** Why decoded images are not kept on disk although they should be; null when all is well. */
  cacheProblem(): string | null;
  /** Ends what is being prepared and writes the cache down. */
  close(): Promise<void>;
}

/** Makes batches from pairs; see `Loader`. Memory: the batches ahead (at most 4, and at most about 128 MB), whatever the data set's size. */
export function createLoader(options: LoaderOptions): Loader {
  const { pairs, indices, config, batchSize, seed, train, preprocessing = squeezed } = options;
  const batchesPerEpoch = train
    ? Math.floor(indices.length / batchSize)
    : Math.ceil(indices.length / batchSize);
  const source = pixelSource(pairs, config, train, preprocessing);
  const table = normalTable(preprocessing);
  const badImages: BadImage[] = [];
  const badImageIds = new Set<number>();
  let known: { epoch: number; order: Int32Array } | null = null;

  const order = (epoch: number): Int32Array => {
    if (!train) return indices;
    if (known?.epoch !== epoch)
      known = { epoch, order: permutation(indices.length, 'order', seed, epoch).map((at) => indices[at]!) };
    return known.order;
  };

  const augmentationOf = (pair: number, epoch: number): Augmentation =>
    train
      ? augmentation(seed, epoch, `${pairs.imageKey(pair)}\n${pairs.caption(pair)}`, config.augment)
      : plain;

  /** Pixels of a pair, or null (and recorded) when its image cannot be decoded. */
  const pixelsOf = async (pair: number, { crop }: Augmentation): Promise<Uint8Array | null> => {
    const imageId = pairs.imageId(pair);
    if (badImageIds.has(imageId)) return null;
    try {
      return await source.pixels(pair, crop);
    } catch (error) {
      const fault = machineFault(error, `The image ${pairs.imageKey(pair)} cannot be read`);
      if (fault) throw fault;
      if (!badImageIds.has(imageId)) {
        badImageIds.add(imageId);
        badImages.push({ name: pairs.imageKey(pair), reason: (error as Error).message });
        const all = pairs.images + pairs.badImages;
        const failure = tooManyBad(
          badImageIds.size + pairs.badImages,
          all,
          config.max_bad_fraction,
          badImages,
        );
        if (failure) throw failure;
      }
      return null;
    }
  };

  const rowAt = async (epoch: number, place: number): Promise<Row | null> => {
    const epochOrder = order(epoch);
    for (let step = 0; step < (train ? epochOrder.length : 1); step++) {
      const pair = epochOrder[(place + step) % epochOrder.length]!;
      const augmented = augmentationOf(pair, epoch);
      const pixels = await pixelsOf(pair, augmented);
      if (pixels) return { pair, augmented, pixels };
    }
    return null;
  };

  const make = async (epoch: number, index: number): Promise<Batch> => {
    const first = index * batchSize;
    const count = Math.min(batchSize, indices.length - first);
    const rows = await Promise.all(Array.from({ length: count }, (_, i) => rowAt(epoch, first + i)));
    return assemble(
      rows.filter((row) => row !== null),
      options,
      table,
    );
  };

  const batchBytes = batchSize * config.image_size ** 2 * 3 * 4;
  const ahead = Math.min(4, Math.max(1, Math.floor(128e6 / batchBytes)));
  const prefetch = prefetched(make, ahead, batchesPerEpoch, train);
  return {
    batchesPerEpoch,
    order,
    badImages,
    batch(epoch, index) {
      if (!(index >= 0 && index < batchesPerEpoch))
        return Promise.reject(new RangeError(`Batch ${index} of an epoch of ${batchesPerEpoch}.`));
      return prefetch.get(epoch, index);
    },
    cacheProblem: () => source.cacheProblem(),
    async close() {
      await prefetch.close();
      await source.close();
    },
  };
}

interface Row {
  pair: number;
  augmented: Augmentation;
  pixels: Uint8Array;
}

/** Lengths that captions are padded to: few, since each is a shape that a step is compiled for. */
export const lengthBuckets = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];

function assemble(rows: Row[], { pairs, config, tokenizer }: LoaderOptions, table: Float32Array): Batch {
  const { image_size: side, max_length: maxLength } = config;
  const tokens = rows.map(({ pair, augmented }) =>
    tokenizer.encode(applyToCaption(pairs.caption(pair), augmented), maxLength),
  );
  const longest = tokens.reduce((most, ids) => Math.max(most, ids.length), 2);
  const length = Math.min(lengthBuckets.find((bucket) => bucket >= longest) ?? maxLength, maxLength);
  const tokenIds = new Int32Array(rows.length * length).fill(tokenizer.padId);
  const mask = new Float32Array(rows.length * length);
  const pixels = new Float32Array(rows.length * side * side * 3);
  for (const [row, { augmented, pixels: bytes }] of rows.entries()) {
    tokenIds.set(tokens[row]!, row * length);
    mask.fill(1, row * length, row * length + tokens[row]!.length);
    normalise(bytes, side, augmented.flip, table, pixels, row * side * side * 3);
  }
  const pairIndices = Int32Array.from(rows, ({ pair }) => pair);
  return {
    size: rows.length,
    imageSize: side,
    pixels,
    length,
    tokenIds,
    mask,
    imageIds: pairIndices.map((pair) => pairs.imageId(pair)),
    captionIds: pairIndices.map((pair) => pairs.captionId(pair)),
    pairs: pairIndices,
  };
}
