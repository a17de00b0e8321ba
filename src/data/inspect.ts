import pLimit from 'p-limit';
import { createHash } from 'node:crypto';
import { evenly } from './evenly.ts';
import { decodeImage } from './images/images.ts';
import { machineFault } from './machine-fault.ts';
import type { ImageLook, ImageSource } from './pair-set.ts';
import { said } from '../text/say.ts';

const allUpTo = 1000;
const sampleSize = 256;

/** The ids of images to look at: all of up to 1,000, or 256 spread evenly. */
export function chosen(ids: number[]): readonly number[] {
  return ids.length <= allUpTo ? ids : evenly(ids, sampleSize);
}

export interface Inspection {
  /** By image id: why it cannot be decoded. */
  bad: Map<number, string>;
  /** The others. */
  looked: Map<number, ImageLook>;
}

/** Opens images and decodes them. Rejects with a MachineFault when that is not for the images to answer. */
export async function inspectImages(
  ids: readonly number[],
  source: ImageSource,
  signal?: AbortSignal,
): Promise<Inspection> {
  const limit = pLimit(4);
  const bad: Inspection['bad'] = new Map();
  const looked: Inspection['looked'] = new Map();
  await Promise.all(
    ids.map((id) =>
      limit(async () => {
        signal?.throwIfAborted();
        try {
          const bytes = await source.load(id);
          const pixels = await decodeImage(bytes, 32);
          looked.set(id, { length: bytes.length, bytes: contentKey(bytes), pixels: contentKey(pixels) });
        } catch (error) {
          const fault = machineFault(error, said('An image cannot be read'));
          if (fault) throw fault;
          bad.set(id, (error as Error).message);
        }
      }),
    ),
  );
  return { bad, looked };
}

/** Same key, same content. */
export function contentKey(content: Uint8Array): string {
  return createHash('sha1').update(content).digest('base64');
}
