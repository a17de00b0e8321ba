import { thumbnailOf } from '../data/images/thumbnail.ts';
import type { WrongPair, WrongPairs } from '../protocol/inference.ts';
import { embedValidation, imagesInOrder } from './embed-validation.ts';
import type { FinishedModel } from './finished-model.ts';

/** The pairs of the validation side whose caption finds its image last: what the model confuses, and mislabelled data. */
export function wrongPairs(finished: FinishedModel, top: number): Promise<WrongPairs> {
  return embedValidation(finished, async (ranked) => {
    const { pairs, kept, imageOfText, pairOfImage, ranks } = ranked;
    const captionsOfImage = new Map<number, string[]>();
    kept.forEach((pair, text) => {
      const image = imageOfText[text]!;
      captionsOfImage.set(image, [...(captionsOfImage.get(image) ?? []), pairs.caption(pair)]);
    });
    const worst = Array.from(kept, (_, text) => text)
      .filter((text) => ranks.text_to_image[text]! > 1)
      .sort((a, b) => ranks.text_to_image[b]! - ranks.text_to_image[a]! || a - b)
      .slice(0, top);
    const thumbnail = (pair: number): Promise<string> => thumbnailOf(() => pairs.loadImage(pair));
    const wrong = async (text: number): Promise<WrongPair> => {
      const pair = kept[text]!;
      const image = imageOfText[text]!;
      const first = (await imagesInOrder(finished, ranked, text)).find((other) => other !== image)!;
      return {
        caption: pairs.caption(pair),
        image: pairs.imageKey(pair),
        thumbnail: await thumbnail(pair),
        rank: ranks.text_to_image[text]!,
        captionRank: ranks.image_to_text[image]!,
        found: {
          image: pairs.imageKey(pairOfImage[first]!),
          thumbnail: await thumbnail(pairOfImage[first]!),
          captions: captionsOfImage.get(first) ?? [],
        },
      };
    };
    return {
      captions: kept.length,
      images: pairOfImage.length,
      pairs: await Promise.all(worst.map(wrong)),
    };
  });
}
