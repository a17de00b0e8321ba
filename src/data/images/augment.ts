import type { AugmentConfig } from '../../experiment/config.ts';
import { rng } from '../hash.ts';
import type { Crop } from './to-square.ts';

/** What is done to one pair in one epoch, to its image and its caption alike. */
export interface Augmentation {
  /** Part of the image that is kept, as fractions; null: all of it. */
  crop: Crop | null;
  /** Left and right are exchanged, in the image and (see `applyToCaption`) in the caption. */
  flip: boolean;
  swapLeftRight: boolean;
  /** Probability that a word after the first is dropped, and what its draws depend on. */
  dropWord: number;
  wordSeed: number;
}

/**
 * The augmentation of a pair in an epoch. It depends on the seed, the epoch and the pair's key alone, so that a resumed run, another
 * order of rows or another batch size changes nothing. The crop keeps the image's shape: its sides are the square root of the share.
 */
export function augmentation(seed: number, epoch: number, key: string, config: AugmentConfig): Augmentation {
  const random = rng('augment', seed, epoch, key);
  // Drawn in a fixed order, whatever is switched on: a setting does not change another one's draws.
  const [share, across, down, flip] = [random.next(), random.next(), random.next(), random.next()];
  const wordSeed = random.uint32();
  let crop: Crop | null = null;
  if (config.crop) {
    const [least, most] = config.crop;
    const side = Math.sqrt(least + (most - least) * share);
    crop = { left: (1 - side) * across, top: (1 - side) * down, width: side, height: side };
  }
  return {
    crop,
    flip: flip < config.flip,
    swapLeftRight: config.swap_left_right,
    dropWord: config.drop_word,
    wordSeed,
  };
}

/** No augmentation: what validation sees. */
export const plain: Augmentation = {
  crop: null,
  flip: false,
  swapLeftRight: false,
  dropWord: 0,
  wordSeed: 0,
};

/** The caption that goes with the augmented image. */
export function applyToCaption(
  caption: string,
  { flip, swapLeftRight, dropWord, wordSeed }: Augmentation,
): string {
  const swapped = flip && swapLeftRight ? exchangeLeftRight(caption) : caption;
  return dropWord > 0 ? dropWords(swapped, dropWord, wordSeed) : swapped;
}

/** "left" and "right" exchanged where they are whole words, in their capitals: LEFT, Left, left. "bright" and "leftover" stay. */
export function exchangeLeftRight(caption: string): string {
  return caption.replace(/(?<![\p{L}\p{M}\p{N}_])(?:left|right)(?![\p{L}\p{M}\p{N}_])/giu, (word) => {
    const other = word.toLowerCase() === 'left' ? 'right' : 'left';
    if (word === word.toUpperCase()) return other.toUpperCase();
    return word[0] === word[0]!.toUpperCase() ? other[0]!.toUpperCase() + other.slice(1) : other;
  });
}

function dropWords(caption: string, probability: number, seed: number): string {
  const random = rng('words', seed);
  const words = caption.split(/\s+/);
  return words.filter((_, index) => index === 0 || random.next() >= probability).join(' ');
}
