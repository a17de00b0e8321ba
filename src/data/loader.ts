import type { DataConfig } from '../experiment/config.ts';
import { applyToCaption, augmentation, plain, type Augmentation } from './images/augment.ts';
import { tooManyBad, type BadImage } from './images/bad-images.ts';
import { HumanError } from '../protocol/human-error.ts';
import { permutation } from './hash.ts';
import { machineFault } from './machine-fault.ts';
import type { PairSet } from './pair-set.ts';
import { captionFeatures } from './caption-input.ts';
import { allViews, augmentedView, type FeatureTask, type FrozenInputs } from './frozen-inputs.ts';
import { featureInput, pixelInput, type ImageInput, type ImageRows } from './image-input.ts';
import { squeezed, type Preprocessing } from './images/preprocessing.ts';
import { prefetched } from './prefetch.ts';
import type { Tokenizer } from './captions/tokenizer.ts';
import { said } from '../text/say.ts';

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
  /** Features that stand for images or captions; absent where both encoders learn. */
  frozen?: FrozenInputs | null;
  seed: number;
  /** true: a new order each epoch, augmented, whole batches only. false: in order, plain, the last batch may be smaller. */
  train: boolean;
}

export interface Batch {
  /** Pairs in the batch, B. */
  size: number;
  /** Side of the images, S. */
  imageSize: number;
  /** 8-bit RGB [B, S, S, 3], rows from the top. Where the image encoder is frozen its features [B, rows, width]. */
  pixels: ImageRows;
  /** Longest caption of the batch, rounded up to one of few lengths, L; 1 where captions are pooled features. */
  length: number;
  /** [B, L], padded with [PAD]. */
  tokenIds: Int32Array;
  /** The frozen text encoder's features [B, L, width]; null where it learns. */
  states: Float32Array | null;
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
  /** The batch is done with: its pixels become those of a later one. */
  release(batch: Batch): void;
  /** All that frozen encoders make of some pairs (all of the loader's), each once. */
  features(of?: Int32Array): Generator<FeatureTask>;
  /** Images that could not be decoded so far. */
  badImages: BadImage[];
  /** Why decoded images are not kept on disk although they should be; null when all is well. */
  cacheProblem(): string | null;
  /** Ends what is being prepared and writes the cache down. */
  close(): Promise<void>;
}

/** Makes batches from pairs; see `Loader`. Memory: the batches ahead (at most 4, and at most about 128 MB), whatever the data set's size. */
export function createLoader(options: LoaderOptions): Loader {
  const { pairs, indices, config, batchSize, tokenizer, seed, train } = options;
  const { preprocessing = squeezed, frozen = null } = options;
  const batchesPerEpoch = train
    ? Math.floor(indices.length / batchSize)
    : Math.ceil(indices.length / batchSize);
  const images: ImageInput = frozen?.image
    ? featureInput(pairs, config, train, preprocessing, { image: frozen.image, views: frozen.views })
    : pixelInput(pairs, config, train, preprocessing);
  const captions = captionFeatures(frozen);
  const badImages: BadImage[] = [];
  const badImageIds = new Set<number>();
  let known: { epoch: number; order: Int32Array } | null = null;

  const order = (epoch: number): Int32Array => {
    if (!train) return indices;
    if (known?.epoch !== epoch)
      known = { epoch, order: permutation(indices.length, 'order', seed, epoch).map((at) => indices[at]!) };
    return known.order;
  };

  const augmentationOf = (pair: number, epoch: number): Augmentation => {
    if (!train) return plain;
    const key = pairs.imageKey(pair);
    const live = augmentation(seed, epoch, `${key}\n${pairs.caption(pair)}`, config.augment);
    return frozen ? augmentedView(live, epoch, key, frozen, config.augment) : live;
  };

  const idsOf = (pair: number, augmented: Augmentation): Int32Array =>
    tokenizer.encode(applyToCaption(pairs.caption(pair), augmented), config.max_length);

  /** Writes what the model sees of a pair's image; false (and recorded) when it cannot be decoded. */
  const writeImage = async (pair: number, augmented: Augmentation, into: ImageRows): Promise<boolean> => {
    const imageId = pairs.imageId(pair);
    if (badImageIds.has(imageId)) return false;
    try {
      await images.write(pair, augmented, into);
      return true;
    } catch (error) {
      // Not the image: an encoder that cannot be loaded, or does not compute.
      if (error instanceof HumanError) throw error;
      const fault = machineFault(error, said('The image {0} cannot be read', pairs.imageKey(pair)));
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
      return false;
    }
  };

  const rowAt = async (epoch: number, place: number, into: ImageRows): Promise<Row | null> => {
    const epochOrder = order(epoch);
    for (let step = 0; step < (train ? epochOrder.length : 1); step++) {
      const pair = epochOrder[(place + step) % epochOrder.length]!;
      const augmented = augmentationOf(pair, epoch);
      if (!(await writeImage(pair, augmented, into))) continue;
      const ids = idsOf(pair, augmented);
      return { pair, ids, states: captions && (await captions.of([ids]))[0]! };
    }
    return null;
  };

  function* features(of = indices): Generator<FeatureTask> {
    if (!frozen) return;
    const seen = new Set<string>();
    const isNew = (key: string): boolean => !seen.has(key) && seen.add(key).size > 0;
    for (const pair of of) {
      const key = pairs.imageKey(pair);
      const views = train ? allViews(key, frozen, config.augment) : [plain];
      for (const [view, augmented] of [...views].entries()) {
        if (frozen.image && isNew(`image ${view} ${pairs.imageId(pair)}`))
          yield {
            side: 'image',
            bytes: frozen.image.bytes(frozen.image.rows),
            isKept: () => images.isKept(pair, augmented),
            make: async () => void (await writeImage(pair, augmented, images.room(1))),
          };
        if (!captions) continue;
        const ids = idsOf(pair, augmented);
        if (isNew(`text ${ids.join(' ')}`))
          yield {
            side: 'text',
            bytes: captions.bytes(ids),
            isKept: () => captions.isKept(ids),
            make: async () => void (await captions.of([ids])),
          };
      }
    }
  }

  const imageSize = sizeOf(images.shape);
  const rooms: ImageRows[] = [];
  const make = async (epoch: number, index: number): Promise<Batch> => {
    const first = index * batchSize;
    const count = Math.min(batchSize, indices.length - first);
    const room = rooms.pop() ?? images.room(batchSize);
    const imageAt = (row: number): ImageRows => room.subarray(row * imageSize, (row + 1) * imageSize);
    const rows = await Promise.all(
      Array.from({ length: count }, (_, row) => rowAt(epoch, first + row, imageAt(row))),
    );
    const kept: Row[] = [];
    for (const [place, row] of rows.entries()) {
      if (!row) continue;
      if (kept.length < place) room.set(imageAt(place), kept.length * imageSize);
      kept.push(row);
    }
    return assemble(kept, room.subarray(0, kept.length * imageSize), options);
  };

  const batchBytes = batchSize * imageSize * images.room(0).BYTES_PER_ELEMENT;
  const ahead = Math.min(4, Math.max(1, Math.floor(128e6 / batchBytes)));
  const prefetch = prefetched(make, ahead, batchesPerEpoch, train);
  return {
    batchesPerEpoch,
    order,
    features,
    badImages,
    batch(epoch, index) {
      if (!(index >= 0 && index < batchesPerEpoch))
        return Promise.reject(new RangeError(`Batch ${index} of an epoch of ${batchesPerEpoch}.`));
      return prefetch.get(epoch, index);
    },
    release({ pixels }) {
      if (pixels.length === batchSize * imageSize && rooms.length < ahead) rooms.push(pixels);
    },
    cacheProblem: () => images.cacheProblem(),
    async close() {
      await prefetch.close();
      await images.close();
    },
  };
}

interface Row {
  pair: number;
  ids: Int32Array;
  states: Float32Array | null;
}

/** Lengths that captions are padded to, four from one power of two to the next: few, since each is a shape that a step is compiled for. */
export const lengthBuckets = [
  8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512,
];

function assemble(
  rows: Row[],
  pixels: ImageRows,
  { pairs, config, tokenizer, frozen }: LoaderOptions,
): Batch {
  const { image_size: side, max_length: maxLength } = config;
  const isPooled = Boolean(frozen?.text) && frozen!.isPooled;
  const longest = rows.reduce((most, { ids }) => Math.max(most, ids.length), 2);
  const bucket = Math.min(lengthBuckets.find((one) => one >= longest) ?? maxLength, maxLength);
  const length = isPooled ? 1 : bucket;
  const tokenIds = new Int32Array(rows.length * length).fill(tokenizer.padId);
  const mask = new Float32Array(rows.length * length);
  const width = frozen?.text?.width ?? 0;
  const states = frozen?.text ? new Float32Array(rows.length * length * width) : null;
  for (const [row, { ids, states: own }] of rows.entries()) {
    if (own) states!.set(own, row * length * width);
    if (!isPooled) tokenIds.set(ids, row * length);
    mask.fill(1, row * length, row * length + (isPooled ? 1 : ids.length));
  }
  const pairIndices = Int32Array.from(rows, ({ pair }) => pair);
  return {
    size: rows.length,
    imageSize: side,
    pixels,
    length,
    tokenIds,
    states,
    mask,
    imageIds: pairIndices.map((pair) => pairs.imageId(pair)),
    captionIds: pairIndices.map((pair) => pairs.captionId(pair)),
    pairs: pairIndices,
  };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
