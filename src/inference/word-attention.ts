import { readFile } from 'node:fs/promises';
import { thumbnailOf } from '../data/images/thumbnail.ts';
import { wordsOf } from '../data/captions/words.ts';
import { HumanError } from '../protocol/human-error.ts';
import type { AttentionAsk, WordAttention } from '../protocol/inference.ts';
import type { FinishedModel } from './finished-model.ts';
import { imageVectors, tokensOf } from './search.ts';
import { said } from '../text/say.ts';

/** Longest side of the picture that the regions are drawn over. */
const pictureSide = 480;

/** Where each word of a caption looks in an image: a word's shares are the mean of its pieces', and these of the heads'. */
export async function wordAttention(
  model: FinishedModel,
  { image, caption }: AttentionAsk,
): Promise<WordAttention> {
  const { attention, config, preprocessing } = model;
  if (!attention)
    throw new HumanError(
      said(
        'Only fusions of kind cross_attention let words look at regions; this one is {0}.',
        config.model.fusion.kind,
      ),
      said('Train with model.fusion.kind: cross_attention to see where words look.'),
      'no_attention',
    );
  const vectors = await imageVectors(model, image);
  const ids = tokensOf(model, caption);
  const { tokens } = await model.single.texts([ids]);
  const layers = await attention(vectors.regions!, tokens![0]!);
  const words = wordsOf(model.tokenizer.tokens(ids));
  const regions = layers[0]!.length / ids.length;
  const side = Math.sqrt(regions);
  if (!Number.isInteger(side))
    throw new HumanError(
      said('The {0} regions of this image encoder do not lie on a square grid.', regions),
      said('Where words look can be drawn for encoders whose regions do, such as ResNets and ViTs.'),
      'no_grid',
    );
  return {
    picture: await thumbnailOf(() => readFile(image), pictureSide, preprocessing.shortSide),
    side,
    heads: config.model.fusion.heads,
    words: words.map(({ text, pieces }) => ({
      text,
      shares: layers.map((shares) =>
        Array.from({ length: regions }, (_, region) =>
          meanOf(pieces, (at) => shares[at * regions + region]!),
        ),
      ),
    })),
  };
}

const meanOf = (places: readonly number[], value: (at: number) => number): number =>
  places.reduce((sum, at) => sum + value(at), 0) / places.length;
