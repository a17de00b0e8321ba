import pLimit from 'p-limit';
import type { ImageSource } from './pair-set.ts';
import { checkImage } from './images/images.ts';
import { machineFault } from './machine-fault.ts';

const allUpTo = 1000;
const sampleSize = 256;

/** The ids of images to look at: all of up to 1,000, or 256 spread evenly. */
export function chosen(ids: number[]): number[] {
  if (ids.length <= allUpTo) return ids;
  return Array.from({ length: sampleSize }, (_, i) => ids[Math.floor((i * ids.length) / sampleSize)]!);
}

/**
 * Opens images and says which cannot be decoded and why. Rejects with a MachineFault when that is not for the images to answer.
 */
export async function undecodableImages(
  ids: number[],
  source: ImageSource,
  signal?: AbortSignal,
): Promise<Map<number, string>> {
  const limit = pLimit(4);
  const bad = new Map<number, string>();
  await Promise.all(
    ids.map((id) =>
      limit(async () => {
        signal?.throwIfAborted();
        try {
          await checkImage(await source.load(id));
        } catch (error) {
          const fault = machineFault(error, 'An image cannot be read');
          if (fault) throw fault;
          bad.set(id, (error as Error).message);
        }
      }),
    ),
  );
  return bad;
}
