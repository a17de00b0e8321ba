import type { EvalConfig } from '../experiment/config.ts';
import { recallAt } from '../protocol/metrics.ts';
import { permutation } from './data/hash.ts';
import type { Loader } from './data/loader.ts';
import type { PairSet } from './data/pair-set.ts';
import type { Tokenizer } from './data/tokenizer.ts';
import type { Embedder, ImageVectors, TextVectors } from './embed.ts';
import { largest, medianRank, rankAfterRerank, rankOfBest, recall } from './recall.ts';

/** The validation side of a run. */
export interface ValidationSet {
  pairs: PairSet;
  /** Validation pairs. */
  indices: Int32Array;
  /** Loads one pair of each picture, in order. */
  pictures: Loader;
  tokenizer: Tokenizer;
  maxLength: number;
  batchSize: number;
  seed: number;
}

interface Answers {
  /** Validation pictures by place; `imageOfText[t]` is the place of caption t's picture, `textsOfImage` the reverse. */
  imageOfText: Int32Array;
  textsOfImage: Set<number>[];
}

/**
 * Retrieval over the whole validation side, both ways, right answers by picture: a picture may have several captions. Fusions with scores
 * of their own re-rank each query's best `rerank` candidates. `val/loss` is the mean over batches as in training, in an order drawn from
 * the seed; what does not fill a batch is left out of it (but not of the recall), unless nothing would be left.
 */
export async function evaluate(
  embedder: Embedder,
  set: ValidationSet,
  config: Pick<EvalConfig, 'recall_at' | 'rerank'>,
  hasPairScores: boolean,
): Promise<Record<string, number>> {
  const { images, places } = await embedPictures(embedder, set);
  // Pairs whose picture cannot be decoded are left out on both sides.
  const kept = set.indices.filter((pair) => places.has(set.pairs.imageId(pair)));
  const captions = Array.from(kept, (pair) => set.tokenizer.encode(set.pairs.caption(pair), set.maxLength));
  const texts = await embedder.texts(captions);
  const imageOfText = Int32Array.from(kept, (pair) => places.get(set.pairs.imageId(pair))!);
  const textsOfImage = Array.from({ length: images.count }, () => new Set<number>());
  imageOfText.forEach((image, text) => textsOfImage[image]!.add(text));

  const metrics: Record<string, number> = {
    'val/loss': await meanLoss(embedder, set, images, texts, imageOfText, kept),
  };
  const ranks = await ranksBothWays(
    embedder,
    images,
    texts,
    { imageOfText, textsOfImage },
    hasPairScores ? config.rerank : 0,
  );
  for (const direction of ['image_to_text', 'text_to_image'] as const) {
    for (const k of config.recall_at) metrics[recallAt(k, direction)] = recall(ranks[direction], k);
    metrics[`val/${direction}/median_rank`] = medianRank(ranks[direction]);
  }
  for (const k of config.recall_at)
    metrics[recallAt(k)] =
      (metrics[recallAt(k, 'image_to_text')]! + metrics[recallAt(k, 'text_to_image')]!) / 2;
  return metrics;
}

/** Vectors of every validation picture once, and each picture's place among them by its id. */
async function embedPictures(embedder: Embedder, { pairs, pictures }: ValidationSet) {
  const parts: ImageVectors[] = [];
  const places = new Map<number, number>();
  for (let index = 0; index < pictures.batchesPerEpoch; index++) {
    const batch = await pictures.batch(0, index);
    if (batch.size === 0) continue;
    batch.pairs.forEach((pair) => places.set(pairs.imageId(pair), places.size));
    parts.push(await embedder.images(batch.pixels, batch.imageSize));
  }
  return { images: joinImages(parts), places };
}

async function meanLoss(
  embedder: Embedder,
  { pairs, batchSize, seed }: ValidationSet,
  images: ImageVectors,
  texts: TextVectors,
  imageOfText: Int32Array,
  kept: Int32Array,
): Promise<number> {
  const order = permutation(kept.length, 'validation', seed);
  const size = Math.min(batchSize, kept.length);
  let sum = 0;
  let batches = 0;
  for (let start = 0; size > 0 && start + size <= kept.length; start += size) {
    const textAt = order.subarray(start, start + size);
    const imageAt = textAt.map((text) => imageOfText[text]!);
    const captionIds = textAt.map((text) => pairs.captionId(kept[text]!));
    sum += await embedder.loss(images, imageAt, texts, textAt, captionIds);
    batches++;
  }
  return sum / batches;
}

async function ranksBothWays(
  embedder: Embedder,
  images: ImageVectors,
  texts: TextVectors,
  { imageOfText, textsOfImage }: Answers,
  rerank: number,
): Promise<Record<'image_to_text' | 'text_to_image', Int32Array>> {
  const pooled = await embedder.similarities(images, texts);
  const rightImage = (text: number): Set<number> => new Set([imageOfText[text]!]);
  const imageRanks = new Int32Array(images.count);
  const textRanks = new Int32Array(texts.count);
  if (rerank === 0) {
    for (let i = 0; i < images.count; i++) imageRanks[i] = rankOfBest(pooled.row(i), textsOfImage[i]!);
    for (let t = 0; t < texts.count; t++) textRanks[t] = rankOfBest(pooled.column(t), rightImage(t));
    return { image_to_text: imageRanks, text_to_image: textRanks };
  }
  const grid = await scoreGrid(embedder, images, texts, rerank);
  for (let i = 0; i < images.count; i++) {
    const row = pooled.row(i);
    const candidates = largest(row, rerank);
    const scores = grid
      ? Float32Array.from(candidates, (t) => grid[i * texts.count + t]!)
      : await embedder.scores(images, [i], texts, candidates);
    imageRanks[i] = rankAfterRerank(row, candidates, scores, textsOfImage[i]!);
  }
  for (let t = 0; t < texts.count; t++) {
    const column = pooled.column(t);
    const candidates = largest(column, rerank);
    const scores = grid
      ? Float32Array.from(candidates, (i) => grid[i * texts.count + t]!)
      : await embedder.scores(images, candidates, texts, [t]);
    textRanks[t] = rankAfterRerank(column, candidates, scores, rightImage(t));
  }
  return { image_to_text: imageRanks, text_to_image: textRanks };
}

/** The fusion's score of every picture with every caption, when that is no more work than scoring each query's candidates; else null. */
async function scoreGrid(
  embedder: Embedder,
  images: ImageVectors,
  texts: TextVectors,
  rerank: number,
): Promise<Float32Array | null> {
  if (images.count * texts.count > rerank * (images.count + texts.count)) return null;
  const block = 32;
  const grid = new Float32Array(images.count * texts.count);
  for (let i = 0; i < images.count; i += block) {
    for (let t = 0; t < texts.count; t += block) {
      const imageAt = range(i, Math.min(i + block, images.count));
      const textAt = range(t, Math.min(t + block, texts.count));
      const scores = await embedder.scores(images, imageAt, texts, textAt);
      imageAt.forEach((image, row) =>
        grid.set(scores.subarray(row * textAt.length, (row + 1) * textAt.length), image * texts.count + t),
      );
    }
  }
  return grid;
}

const range = (start: number, end: number): Int32Array =>
  Int32Array.from({ length: end - start }, (_, i) => start + i);

function joinImages(parts: ImageVectors[]): ImageVectors {
  const joined = (pick: (part: ImageVectors) => Float32Array): Float32Array => {
    const whole = new Float32Array(parts.reduce((sum, part) => sum + pick(part).length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(pick(part), at);
      at += pick(part).length;
    }
    return whole;
  };
  return {
    count: parts.reduce((sum, part) => sum + part.count, 0),
    dim: parts[0]?.dim ?? 0,
    pooled: joined((part) => part.pooled),
    regions: parts[0]?.regions ? joined((part) => part.regions!) : null,
  };
}
