import type { EvalConfig } from '../../experiment/config.ts';
import type { Chance } from '../../protocol/chance.ts';
import {
  directions,
  meanCosine,
  medianRank,
  recallAt,
  valLoss,
  type Direction,
} from '../../protocol/metrics.ts';
import { permutation } from '../../data/hash.ts';
import type { Loader } from '../../data/loader.ts';
import type { PairSet } from '../../data/pair-set.ts';
import type { Tokenizer } from '../../data/captions/tokenizer.ts';
import { chancesOf } from './chance.ts';
import type { Embedder } from './embed.ts';
import { rankBothWays, type Ranking } from './ranks.ts';
import { meanCosineOf } from './mean-cosine.ts';
import { middleRank, recall } from './recall.ts';
import { rerankBothWays } from './rerank.ts';
import { joinImages, type ImageVectors, type TextVectors } from './vectors.ts';

/** The validation side of a run. */
export interface ValidationSet {
  pairs: PairSet;
  /** Validation pairs. */
  indices: Int32Array;
  /** Loads one pair of each image, in order. */
  images: Loader;
  tokenizer: Tokenizer;
  maxLength: number;
  batchSize: number;
  /** Of which kind `val/loss` is. */
  lossKind: string;
  seed: number;
}

/** What an evaluation found, and what guessing would have found. */
export interface Evaluation {
  metrics: Record<string, number>;
  chance: Record<string, Chance>;
}

/**
 * Retrieval over the whole validation side, both ways, right answers by image: an image may have several captions. Fusions with scores
 * of their own re-rank each query's best `rerank` candidates. `val/loss` is the mean over batches as in training, in an order drawn from
 * the seed; what does not fill a batch is left out of it (but not of the recall), unless nothing would be left.
 */
export async function evaluate(
  embedder: Embedder,
  set: ValidationSet,
  config: Pick<EvalConfig, 'recall_at' | 'rerank'>,
  hasPairScores: boolean,
  onBatch?: OnBatch,
): Promise<Evaluation> {
  const ranked = await rankValidation(embedder, set, hasPairScores ? config.rerank : 0, 0, onBatch);
  const { images, texts, imageOfText, kept, ranks } = ranked;
  const metrics: Record<string, number> = {
    [valLoss]: await meanLoss(embedder, set, images, texts, imageOfText, kept),
    [meanCosine('image')]: meanCosineOf(images.pooled, images.dim),
    [meanCosine('text')]: meanCosineOf(texts.pooled, texts.dim, captionIdsOf(set.pairs, kept)),
  };
  for (const direction of directions) {
    for (const k of config.recall_at) metrics[recallAt(k, direction)] = recall(ranks[direction], k);
    metrics[medianRank(direction)] = middleRank(ranks[direction]);
  }
  for (const k of config.recall_at)
    metrics[recallAt(k)] =
      (metrics[recallAt(k, 'image_to_text')]! + metrics[recallAt(k, 'text_to_image')]!) / 2;
  return {
    metrics,
    chance: chancesOf(imageOfText, images.count, config.recall_at, set.batchSize, set.lossKind),
  };
}

const captionIdsOf = (pairs: PairSet, kept: Int32Array): Int32Array =>
  kept.map((pair) => pairs.captionId(pair));

/** Every image and caption of the validation side, and where each finds its right answer. */
export interface RankedValidation {
  images: ImageVectors;
  texts: TextVectors;
  /** The pair of each caption; pairs whose image cannot be decoded are left out. */
  kept: Int32Array;
  /** A pair of each image. */
  pairOfImage: Int32Array;
  /** Place of each caption's image. */
  imageOfText: Int32Array;
  /** Each query's most similar answers by pooled similarity. */
  pooled: { images: Ranking; texts: Ranking };
  ranks: Record<Direction, Int32Array>;
}

/** `rerank`: how many of each query's candidates the fusion scores itself; 0: none. `keep`: how many candidates stay known at least. */
export async function rankValidation(
  embedder: Embedder,
  set: ValidationSet,
  rerank: number,
  keep = 0,
  onBatch?: OnBatch,
): Promise<RankedValidation> {
  const { images, places, pairOfImage } = await embedImages(embedder, set, onBatch);
  const kept = set.indices.filter((pair) => places.has(set.pairs.imageId(pair)));
  const captions = Array.from(kept, (pair) => set.tokenizer.encode(set.pairs.caption(pair), set.maxLength));
  const texts = await embedder.texts(captions);
  const imageOfText = Int32Array.from(kept, (pair) => places.get(set.pairs.imageId(pair))!);
  const pooled = await rankBothWays(
    embedder.similarities(images, texts),
    imageOfText,
    Math.max(rerank, keep),
  );
  const byDirection =
    rerank === 0
      ? { images: pooled.images.ranks, texts: pooled.texts.ranks }
      : await rerankBothWays(embedder, images, texts, pooled, imageOfText, rerank);
  const ranks = { image_to_text: byDirection.images, text_to_image: byDirection.texts };
  return { images, texts, kept, pairOfImage, imageOfText, pooled, ranks };
}

/** Hears of each batch of images before it begins. */
export type OnBatch = (done: number, total: number) => void;

/** Vectors of every validation image once, and each image's place among them by its id. */
export async function embedImages(embedder: Embedder, { pairs, images }: ValidationSet, onBatch?: OnBatch) {
  const parts: ImageVectors[] = [];
  const places = new Map<number, number>();
  const pairOfImage: number[] = [];
  for (let index = 0; index < images.batchesPerEpoch; index++) {
    onBatch?.(index, images.batchesPerEpoch);
    const batch = await images.batch(0, index);
    if (batch.size === 0) continue;
    batch.pairs.forEach((pair) => places.set(pairs.imageId(pair), places.size));
    pairOfImage.push(...batch.pairs);
    parts.push(await embedder.images(batch.pixels, batch.imageSize));
    images.release(batch);
  }
  return { images: joinImages(parts), places, pairOfImage: Int32Array.from(pairOfImage) };
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
