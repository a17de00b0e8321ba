import { resolve } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import type { CaptionsFound, ImagesFound } from '../protocol/inference.ts';
import type { ImageVectors, TextVectors } from '../trainer/evaluation/vectors.ts';
import type { CaptionIndex } from './caption-index.ts';
import type { FinishedModel } from './finished-model.ts';
import { pixelsOf } from './folder-images.ts';
import { vectorsAt, type ImageIndex } from './image-index.ts';
import { nearest, type Nearest } from './nearest.ts';
import { said } from '../text/say.ts';

/** The images that are nearest to some words. Where the fusion scores pairs itself, the best candidates are ordered by that. */
export async function imagesByWords(
  model: FinishedModel,
  index: ImageIndex,
  words: string,
  top: number,
): Promise<ImagesFound> {
  const text = await wordsVectors(model, words);
  const unread = model.tokenizer.length(words) - tokensOf(model, words).length;
  const products = await model.products(index.pooled, index.dim, text.pooled);
  const found = nearest(products, candidatesOf(model, top));
  if (!model.model.fusion.pairSimilarity) return { ...answerOf(index, found, inOrder(found), top), unread };
  const { vectors, places } = await vectorsAt(model, index, found.places);
  const scores = await model.single.scores(vectors, range(vectors.count), text, [0]);
  const scored = places.map((place, at) => ({ place, score: scores[at]! }));
  scored.sort((a, b) => b.score - a.score);
  return { ...answerOf(index, found, scored, top), unread, rescored: places.length };
}

/** The images that are nearest to an image, by pooled similarity: what compares pairs compares an image with a caption. */
export async function imagesByImage(
  model: FinishedModel,
  index: ImageIndex,
  image: ImageVectors,
  top: number,
): Promise<ImagesFound> {
  const found = nearest(await model.products(index.pooled, index.dim, image.pooled), top);
  return answerOf(index, found, inOrder(found), top);
}

/** The captions that are nearest to an image. */
export async function captionsByImage(
  model: FinishedModel,
  index: CaptionIndex,
  image: ImageVectors,
  top: number,
): Promise<CaptionsFound> {
  const products = await model.products(index.pooled, index.dim, image.pooled);
  const found = nearest(products, candidatesOf(model, top));
  let scored = inOrder(found);
  if (model.model.fusion.pairSimilarity) {
    const texts = await model.embedder.texts(
      Array.from(found.places, (at) => tokensOf(model, index.captions[at]!)),
    );
    const scores = await model.single.scores(image, [0], texts, range(texts.count));
    scored = scored.map(({ place }, at) => ({ place, score: scores[at]! })).sort((a, b) => b.score - a.score);
  }
  const similarity = similarityBy(found);
  return {
    hits: scored.slice(0, top).map(({ place, score }) => ({
      caption: index.captions[place]!,
      score,
      similarity: similarity.get(place)!,
    })),
    captions: index.captions.length,
    of: index.of,
  };
}

/** The vectors of one image file; HumanError when it cannot be read. */
export async function imageVectors(model: FinishedModel, path: string): Promise<ImageVectors> {
  const side = model.config.data.image_size;
  const { pixels, failed } = await pixelsOf([path], side, model.preprocessing);
  if (failed[0])
    throw new HumanError(
      said('The image {0} cannot be read: {1}.', path, failed[0].reason),
      said('Name an image file (JPEG, PNG, WebP, GIF, TIFF, AVIF, SVG).'),
      'bad_image',
    );
  return model.single.images(pixels, side);
}

/** Compiles what few and what some more words need, so that the first search does not wait for it. */
export async function prepareForWords(model: FinishedModel): Promise<void> {
  for (const count of [1, 10]) await wordsVectors(model, 'a '.repeat(count));
}

async function wordsVectors(model: FinishedModel, words: string): Promise<TextVectors> {
  if (words.trim() === '')
    throw new HumanError(
      said('There are no words to search by.'),
      said('Write what the image shows.'),
      'no_words',
    );
  return model.single.texts([tokensOf(model, words)]);
}

export const tokensOf = ({ tokenizer, config }: FinishedModel, caption: string): Int32Array =>
  tokenizer.encode(caption, config.data.max_length);

interface Scored {
  place: number;
  score: number;
}

/** How many are looked at in full: as many as an evaluation scores again, or as are shown. */
function candidatesOf({ model, config }: FinishedModel, top: number): number {
  return model.fusion.pairSimilarity ? Math.max(config.eval.rerank, top) : top;
}

const inOrder = ({ places, similarities }: Nearest): Scored[] =>
  Array.from(places, (place, at) => ({ place, score: similarities[at]! }));

const similarityBy = ({ places, similarities }: Nearest): Map<number, number> =>
  new Map(Array.from(places, (place, at) => [place, similarities[at]!]));

function answerOf({ folder, files }: ImageIndex, found: Nearest, scored: Scored[], top: number): ImagesFound {
  const similarity = similarityBy(found);
  return {
    folder: resolve(folder),
    hits: scored
      .slice(0, top)
      .map(({ place, score }) => ({ name: files[place]!.name, score, similarity: similarity.get(place)! })),
    images: files.length,
    mean: found.mean,
    deviation: found.deviation,
    rescored: 0,
    unread: 0,
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
