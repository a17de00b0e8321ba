import pLimit from 'p-limit';
import type { ImageSource } from './pair-set.ts';
import { checkImage } from './images/images.ts';
import { machineFault } from './machine-fault.ts';

const allUpTo = 1000;
const sampleSize = 256;

/**
 * Opens images, all of up to 1,000 ids or an even sample of 256, and says which cannot be decoded and why. Rejects with a MachineFault when
 * that is not for the images to answer.
 */
export async function undecodableImages(
  ids: number[],
  source: ImageSource,
  signal?: AbortSignal,
): Promise<{ bad: Map<number, string>; looked: number }> {
  const chosen =
    ids.length <= allUpTo
      ? ids
      : Array.from({ length: sampleSize }, (_, i) => ids[Math.floor((i * ids.length) / sampleSize)]!);
  const limit = pLimit(4);
  const bad = new Map<number, string>();
  await Promise.all(
    chosen.map((id) =>
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
  return { bad, looked: chosen.length };
}
