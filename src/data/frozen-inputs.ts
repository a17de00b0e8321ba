import type { AugmentConfig } from '../experiment/config.ts';
import { augmentation, plain, type Augmentation } from './images/augment.ts';

/** Features of inputs of one side, from where they are kept or else computed and kept there. */
export interface FeatureReader<Input> {
  /** Numbers of a row. */
  width: number;
  /** Rows of an image. */
  rows: number;
  /** [rows, width]; `load` is called where they are not known by the stamp. */
  get(stamp: string | null, rows: number, load: () => Promise<Input>): Promise<Float32Array>;
  has(stamp: string, rows: number): Promise<boolean>;
  /** Bytes on the disk of an input with so many rows. */
  bytes(rows: number): number;
}

/** What takes the place of images and captions where their encoder is frozen: its features of them. */
export interface FrozenInputs {
  /** Of normalised pixels. */
  image: FeatureReader<Float32Array> | null;
  /** Of token ids. */
  text: FeatureReader<Int32Array> | null;
  /** Features are one row each: pooled vectors. */
  isPooled: boolean;
  /** See `data.features.views`. */
  views: number;
}

/** One feature that a loader will ask for. */
export interface FeatureTask {
  side: 'image' | 'text';
  bytes: number;
  isKept(): Promise<boolean>;
  make(): Promise<void>;
}

/**
 * The augmentation of a pair in an epoch where an encoder is frozen: its side is one of few versions, the same for every seed, for all runs
 * share them; the other side is augmented as ever. An image's version depends on the image alone, whatever captions it has.
 */
export function augmentedView(
  live: Augmentation,
  epoch: number,
  imageKey: string,
  { image, text, views }: FrozenInputs,
  config: AugmentConfig,
): Augmentation {
  const view = views === 1 ? plain : augmentation(0, epoch % views, imageKey, config);
  const { dropWord, wordSeed } = text ? view : live;
  return { ...(image ? view : live), dropWord, wordSeed };
}

/** The augmentations that a pair may have in any epoch. */
export function* allViews(
  imageKey: string,
  frozen: FrozenInputs,
  config: AugmentConfig,
): Generator<Augmentation> {
  for (let view = 0; view < frozen.views; view++)
    // Of an image that learns only whether it is flipped says something about the caption.
    for (const flip of !frozen.image && config.flip > 0 ? [false, true] : [false]) {
      const live = { ...plain, flip, swapLeftRight: config.swap_left_right };
      yield augmentedView(live, view, imageKey, frozen, config);
    }
}
