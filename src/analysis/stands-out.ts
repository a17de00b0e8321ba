import type { ImagesFound } from '../protocol/inference.ts';

/**
 * What the best of the images would have if none had to do with the words: the mean of n normal values' maximum is about sqrt(2 ln n)
 * deviations above their mean.
 */
export function bestByChance({
  images,
  mean,
  deviation,
}: Pick<ImagesFound, 'images' | 'mean' | 'deviation'>): number {
  return mean + deviation * Math.sqrt(2 * Math.log(Math.max(1, images)));
}

/** Whether the nearest image is nearer than that. */
export function standsOut(found: ImagesFound): boolean {
  return found.hits.some(({ similarity }) => similarity > bestByChance(found));
}
