import { describe, expect, it } from 'vitest';
import { chanceOfHit, chancesOf } from '../../src/trainer/evaluation/chance.ts';

/** Share of all orders of `candidates` in which one of the first `right` stands in the first k, counted one by one. */
function counted(right: number, candidates: number, k: number): number {
  let hits = 0;
  let all = 0;
  const place = (order: number[], left: number[]): void => {
    if (left.length === 0) {
      all++;
      if (order.slice(0, k).some((candidate) => candidate < right)) hits++;
      return;
    }
    for (const next of left)
      place(
        [...order, next],
        left.filter((other) => other !== next),
      );
  };
  place(
    [],
    Array.from({ length: candidates }, (_, i) => i),
  );
  return hits / all;
}

describe('chance of recall', () => {
  it('is the share of orders in which a right answer is among the first k', () => {
    for (let candidates = 1; candidates <= 6; candidates++)
      for (let right = 1; right <= candidates; right++)
        for (let k = 1; k <= 7; k++)
          expect(chanceOfHit(right, candidates, k)).toBeCloseTo(counted(right, candidates, k), 12);
  });

  it('of images with several captions is the mean over their queries', () => {
    // Three images with two captions, one and one. Images look for captions among 4: two images with k/4, one with 1 - C(2,k)/C(4,k),
    // for k = 1 it is 1 - 2/4 = 1/2: (1/2 + 1/4 + 1/4) / 3 = 1/3. Captions look for images: 1/3.
    const chances = chancesOf([0, 0, 1, 2], 3, [1], 64);
    expect(chances['val/image_to_text/recall@1']!.mean).toBeCloseTo(1 / 3, 12);
    // Variances of the hits 1/4, 3/16, 3/16, over 3 queries squared.
    expect(chances['val/image_to_text/recall@1']!.deviation).toBeCloseTo(Math.sqrt(0.625) / 3, 12);
    expect(chances['val/text_to_image/recall@1']!.mean).toBeCloseTo(1 / 3, 12);
    expect(chances['val/text_to_image/recall@1']!.deviation).toBeCloseTo(Math.sqrt((4 * 2) / 9) / 4, 12);
    expect(chances['val/recall@1']!.mean).toBeCloseTo(1 / 3, 12);
    // A batch of validation is no larger than its pairs.
    expect(chances['val/loss']!.mean).toBeCloseTo(Math.log(4), 12);
  });

  it('is certain for a K as large as the candidates, and nothing without any', () => {
    expect(chancesOf([0, 1], 2, [5], 64)['val/recall@5']).toEqual({ mean: 1, deviation: 0 });
    expect(chancesOf([], 0, [5], 64)).toEqual({});
  });
});
