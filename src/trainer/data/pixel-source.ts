import pLimit from 'p-limit';
import type { DataConfig } from '../../experiment/config.ts';
import type { PairSet } from './pair-set.ts';
import { boxOf, decodePicture, type Crop } from './pictures.ts';
import { resizeBilinear } from './resize.ts';

export interface PixelSource {
  /** 8-bit pixels of the pair's picture or a part of it, [image_size, image_size, 3]. Rejects when it cannot be decoded. */
  pixels(pair: number, crop: Crop | null): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Pictures decoded at once: the decoder's threads (libuv has four) and no more, so that memory stays bounded. */
const decodedAtOnce = 4;

/**
 * Decodes pictures to the side that is kept (see `keptSide`) and cuts crops from that: whether the kept picture came from
 * the cache or was decoded just now makes no difference to a pixel.
 */
export function pixelSource(
  pairs: PairSet,
  config: Pick<DataConfig, 'image_size' | 'augment' | 'cache_dir'>,
  train: boolean,
): PixelSource {
  const side = train ? keptSide(config.image_size, config.augment.crop) : config.image_size;
  const limit = pLimit(decodedAtOnce);
  const kept = async (pair: number): Promise<Uint8Array> => decodePicture(await pairs.loadImage(pair), side);
  return {
    async pixels(pair, crop) {
      const data = await limit(() => kept(pair));
      const picture = { data, width: side, height: side };
      if (!crop) return resizeBilinear(picture, config.image_size, config.image_size);
      return resizeBilinear(picture, config.image_size, config.image_size, boxOf(crop, picture));
    },
    close: () => Promise.resolve(),
  };
}

/**
 * Side of the pictures that are kept for crops: large enough that the smallest crop still has a pixel for each that the model sees, in steps
 * of 16, at most twice the model's side.
 */
export function keptSide(imageSize: number, crop: [number, number] | null): number {
  if (!crop) return imageSize;
  const needed = Math.ceil(imageSize / Math.sqrt(crop[0]) / 16) * 16;
  return Math.min(Math.max(needed, imageSize), imageSize * 2);
}
