import { evenly } from '../../data/evenly.ts';
import { readPairs } from '../../data/pairs.ts';
import type { PairSet } from '../../data/pair-set.ts';
import { embedImages } from '../../trainer/evaluation/evaluate.ts';
import { openValidation, validationSet } from '../../trainer/training-data.ts';
import type { FinishedModel } from '../finished-model.ts';
import type { IndexOptions } from '../image-index.ts';
import { noValidation } from '../embed-validation.ts';
import { tokensOf } from '../search.ts';

/** More would make a map of a UMAP take minutes: an even sample of the pairs stands for all. */
const mostPairs = 1_500;

/** Vectors of images and then of captions, all in one space, and what they belong to. */
export interface MapVectors {
  /** [images + captions, dim] */
  vectors: Float32Array[];
  points: VectorPoint[];
  /** Pairs on the validation side; fewer are here where they were too many. */
  pairs: number;
  sampled: number;
  /** Columns of the list of pairs. */
  columns: string[];
}

export interface VectorPoint {
  kind: 'image' | 'caption';
  pair: number;
  /** As the data names it. */
  image: string;
  /** Its own file, absolute; null where it lies in one with others. */
  file: string | null;
  caption: string;
}

/** The vectors of the validation side, each image once and each caption of the pairs that were taken. */
export async function mapVectors(
  model: FinishedModel,
  { signal, onProgress }: IndexOptions,
): Promise<MapVectors> {
  const all = await openValidation(model.config, model);
  if (!all) throw noValidation();
  const { pairs } = all;
  const taken = Int32Array.from(evenly(Array.from(all.indices), mostPairs));
  const set = validationSet(pairs, taken, model.config, model);
  try {
    const { images, places, pairOfImage } = await embedImages(model.embedder, set, (done, total) => {
      signal?.throwIfAborted();
      onProgress?.(done, total);
    });
    const kept = taken.filter((pair) => places.has(pairs.imageId(pair)));
    const texts = await model.embedder.texts(
      Array.from(kept, (pair) => tokensOf(model, pairs.caption(pair))),
    );
    const rows = ({ pooled, dim }: { pooled: Float32Array; dim: number }): Float32Array[] =>
      Array.from({ length: pooled.length / dim }, (_, row) => pooled.subarray(row * dim, (row + 1) * dim));
    const point = (kind: VectorPoint['kind'], pair: number): VectorPoint => ({
      kind,
      pair,
      image: pairs.imageKey(pair),
      file: pairs.imageFile(pair),
      caption: pairs.caption(pair),
    });
    return {
      vectors: [...rows(images), ...rows(texts)],
      points: [
        ...Array.from(pairOfImage, (pair) => point('image', pair)),
        ...Array.from(kept, (pair) => point('caption', pair)),
      ],
      pairs: all.indices.length,
      sampled: taken.length,
      columns: pairs.columns ?? [],
    };
  } finally {
    await set.images.close();
    await all.images.close();
    await pairs.close();
  }
}

/** What a column of the list of pairs says of each point. */
export async function columnValues(
  { config: { data } }: FinishedModel,
  { points }: MapVectors,
  column: string,
): Promise<string[]> {
  // A reader keeps, beside image and caption, the column that is split by.
  const pairs: PairSet = await readPairs({ ...data, pairs: data.val ?? data.pairs, split_by: column });
  try {
    return points.map(({ pair }) => pairs.splitKey(pair));
  } finally {
    await pairs.close();
  }
}
