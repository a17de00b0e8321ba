import { lossByGuessing, type Chance } from '../../protocol/chance.ts';
import { recallAt, valLoss } from '../../protocol/metrics.ts';

/**
 * What a model that orders all candidates at random reaches: of recall@k of both directions and their mean, and of the loss of batches of
 * `batch` pairs. Images are searched with one right answer a caption, captions with as many as the image has.
 */
export function chancesOf(
  imageOfText: ArrayLike<number>,
  images: number,
  ks: readonly number[],
  batch: number,
  lossKind = 'info_nce',
): Record<string, Chance> {
  const texts = imageOfText.length;
  const chances: Record<string, Chance> = {};
  if (texts === 0 || images === 0) return chances;
  const captions = new Int32Array(images);
  for (let text = 0; text < texts; text++) captions[imageOfText[text]!]!++;
  // Images with the same number of captions are as likely found.
  const imagesBy = new Map<number, number>();
  for (const count of captions) imagesBy.set(count, (imagesBy.get(count) ?? 0) + 1);
  for (const k of ks) {
    const ofImages = meanOf([...imagesBy].map(([right, queries]) => [chanceOfHit(right, texts, k), queries]));
    const ofTexts = meanOf([[chanceOfHit(1, images, k), texts]]);
    chances[recallAt(k, 'image_to_text')] = ofImages;
    chances[recallAt(k, 'text_to_image')] = ofTexts;
    // As if the two directions were guessed independently.
    chances[recallAt(k)] = {
      mean: (ofImages.mean + ofTexts.mean) / 2,
      deviation: Math.hypot(ofImages.deviation, ofTexts.deviation) / 2,
    };
  }
  chances[valLoss] = { mean: lossByGuessing(lossKind, Math.min(batch, texts)), deviation: 0 };
  return chances;
}

/** That one of `right` among `candidates` in random order stands in the first k: 1 - C(N - r, k) / C(N, k). */
export function chanceOfHit(right: number, candidates: number, k: number): number {
  let missed = 1;
  for (let i = 0; i < right; i++) missed *= Math.max(0, candidates - k - i) / (candidates - i);
  return 1 - missed;
}

/** Mean and deviation of the share of queries that hit, from how likely how many of them do. */
function meanOf(groups: [chance: number, queries: number][]): Chance {
  let queries = 0;
  let hits = 0;
  let variance = 0;
  for (const [chance, count] of groups) {
    queries += count;
    hits += chance * count;
    variance += chance * (1 - chance) * count;
  }
  return { mean: hits / queries, deviation: Math.sqrt(variance) / queries };
}
