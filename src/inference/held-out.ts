import { evenly } from '../data/evenly.ts';
import { thumbnailOf } from '../data/images/thumbnail.ts';
import type { HeldOutSearch, HeldOutSearches } from '../protocol/inference.ts';
import { embedValidation, imagesInOrder } from './embed-validation.ts';
import type { FinishedModel } from './finished-model.ts';

/** What some captions of the validation side find among all of its images: not the best ones, but every so many. `top`: at most 6. */
export function heldOutSearches(
  finished: FinishedModel,
  count: number,
  top: number,
): Promise<HeldOutSearches> {
  return embedValidation(finished, async (ranked) => {
    const { pairs, kept, imageOfText, pairOfImage, ranks } = ranked;
    const thumbnail = (image: number): Promise<string> =>
      thumbnailOf(() => pairs.loadImage(pairOfImage[image]!));
    const searches: HeldOutSearch[] = [];
    const texts = evenly(
      Array.from(kept, (_, text) => text),
      count,
    );
    for (const text of texts) {
      const found = (await imagesInOrder(finished, ranked, text)).slice(0, top);
      searches.push({
        caption: pairs.caption(kept[text]!),
        rank: ranks.text_to_image[text]!,
        hits: await Promise.all(
          found.map(async (image) => ({
            image: pairs.imageKey(pairOfImage[image]!),
            thumbnail: await thumbnail(image),
            isRight: image === imageOfText[text],
          })),
        ),
      });
    }
    return {
      step: finished.step,
      isBest: finished.isBest,
      captions: kept.length,
      images: pairOfImage.length,
      searches,
    };
  });
}
