import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import type { DataConfig } from '../../experiment/config.ts';
import { openImageCache, type RecordCache } from './cache.ts';
import type { PairSet } from '../pair-set.ts';
import { decodeImage, decoderVersion } from './images.ts';
import { pixelsKey, type Preprocessing } from './preprocessing.ts';
import { resizeImage } from './resize.ts';
import { boxOf, type Crop } from './to-square.ts';

export interface PixelSource {
  /** Writes 8-bit pixels of the pair's image or a part of it, [image_size, image_size, 3]. Rejects when it cannot be decoded. */
  write(pair: number, crop: Crop | null, into: Uint8Array): Promise<void>;
  /** What keeps the cache from being written; null when nothing does or none is asked for. */
  cacheProblem(): string | null;
  close(): Promise<void>;
}

/** Images read or decoded at once, at least and at most: decoding threads go on with these while this one computes a step. */
const fewest = Math.max(8, 4 * availableParallelism());
const most = Math.max(64, fewest);
/** Bytes that the files of these may have together where they are more than the fewest. */
const inHandBytes = 2 ** 26;

/**
 * Images are kept at one side (`keptSide`) and crops are cut from that: whether the kept image came from the cache or was decoded just now
 * makes no difference to a pixel. Memory: 4 bytes an image for where it lies in the cache, and the cache's index.
 */
export function pixelSource(
  pairs: PairSet,
  config: Pick<DataConfig, 'image_size' | 'augment' | 'cache_dir'>,
  train: boolean,
  preprocessing: Preprocessing,
): PixelSource {
  const side = train ? keptSide(config.image_size, config.augment.crop) : config.image_size;
  const limit = pLimit(fewest);
  /** Bytes of the largest file so far. */
  let largest = 1;
  const locations = new Int32Array(config.cache_dir === null ? 0 : pairs.imageIdLimit).fill(-1);
  let cache: Promise<RecordCache> | null = null;
  let opened: RecordCache | null = null;

  const known = async (pair: number, into: Uint8Array): Promise<boolean> => {
    const location = opened ? locations[pairs.imageId(pair)]! : -1;
    return location >= 0 && opened!.read(location, into);
  };

  const find = async (pair: number, into: Uint8Array): Promise<void> => {
    const load = async (): Promise<Buffer> => {
      const bytes = await pairs.loadImage(pair);
      largest = Math.max(largest, bytes.length);
      limit.concurrency = Math.max(fewest, Math.min(Math.floor(inHandBytes / largest), most));
      return bytes;
    };
    const decode = (bytes: Buffer): Promise<Uint8Array> =>
      decodeImage(bytes, side, undefined, preprocessing, into);
    if (config.cache_dir === null) {
      await decode(await load());
      return;
    }
    cache ??= decoderVersion().then((version) =>
      openImageCache(config.cache_dir!, side, version + pixelsKey(preprocessing)),
    );
    opened = await cache;
    const stamp = await pairs.imageStamp(pair);
    const { record, location } = await opened.fetch(stamp, load, decode);
    locations[pairs.imageId(pair)] = location;
    if (record !== into) into.set(record);
  };

  return {
    async write(pair, crop, into) {
      const isWhole = !crop && side === config.image_size;
      const data = isWhole ? into : new Uint8Array(side * side * 3);
      if (!(await known(pair, data))) await limit(() => find(pair, data));
      if (isWhole) return;
      const image = { data, width: side, height: side };
      const box = crop ? boxOf(crop, image) : undefined;
      resizeImage(image, config.image_size, config.image_size, box, preprocessing.filter, into);
    },
    cacheProblem: () => opened?.problem() ?? null,
    async close() {
      const closing = await cache;
      cache = null;
      await closing?.close();
    },
  };
}

/**
 * Side of the images that are kept for crops: large enough that the smallest crop still has a pixel for each that the model sees, in steps
 * of 16, at most twice the model's side.
 */
function keptSide(imageSize: number, crop: [number, number] | null): number {
  if (!crop) return imageSize;
  const needed = Math.ceil(imageSize / Math.sqrt(crop[0]) / 16) * 16;
  return Math.min(Math.max(needed, imageSize), imageSize * 2);
}
