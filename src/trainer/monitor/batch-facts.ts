import type { RunConfig } from '../../experiment/config.ts';
import type { Batch } from '../../data/loader.ts';

/** Columns of the history beside the metrics of a step. */
export const batchChance = 'batch/chance';
export const sameImage = 'batch/same_image';
export const sameCaption = 'batch/same_caption';

/**
 * What a batch allows, by the columns above: the loss of a model that guesses, and the share of a pair's negatives that are left out of
 * the loss since they have its image or its caption. The loss at chance is the mean logarithm of how many a pair is told from (`loss.ts`);
 * that of early fusion the mean of this and of the same among the pair and its hardest negatives (`early-fusion.ts`).
 */
export function batchFacts(
  { imageIds, captionIds, size }: Pick<Batch, 'imageIds' | 'captionIds' | 'size'>,
  { kind, hard_negatives: hard }: Pick<RunConfig['model']['fusion'], 'kind' | 'hard_negatives'>,
): Record<string, number> {
  const images = countsOf(imageIds);
  const captions = countsOf(captionIds);
  const pairs = imageIds.length === images.size ? null : countsOfPairs(imageIds, captionIds);
  let chance = 0;
  let hardChance = 0;
  let withImage = 0;
  let withCaption = 0;
  for (let row = 0; row < size; row++) {
    const ofImage = images.get(imageIds[row]!)! - 1;
    const ofCaption = captions.get(captionIds[row]!)! - 1;
    const ofBoth = pairs ? pairs.get(pairKey(imageIds[row]!, captionIds[row]!))! - 1 : 0;
    const negatives = size - 1 - (ofImage + ofCaption - ofBoth);
    chance += Math.log1p(negatives);
    hardChance += Math.log1p(Math.min(hard, negatives));
    withImage += ofImage;
    withCaption += ofCaption;
  }
  const isEarly = kind === 'early' && Math.min(hard, size - 1) > 0;
  const others = Math.max(1, size * (size - 1));
  return {
    [batchChance]: (isEarly ? (chance + hardChance) / 2 : chance) / size,
    [sameImage]: withImage / others,
    [sameCaption]: withCaption / others,
  };
}

function countsOf(ids: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function countsOfPairs(images: Int32Array, captions: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  images.forEach((image, row) => {
    const key = pairKey(image, captions[row]!);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  return counts;
}

/** One number for both ids, exact below 2^53: 4 million images, 2 billion captions. */
const pairKey = (image: number, caption: number): number => image * 2 ** 31 + caption;
