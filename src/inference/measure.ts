import { readPairs } from '../data/pairs.ts';
import type { MeasureAsk } from '../protocol/inference.ts';
import type { OtherEvaluation } from '../protocol/evaluation.ts';
import { evaluate, type OnBatch, type ValidationSet } from '../trainer/evaluation/evaluate.ts';
import { allOf, validationSet } from '../trainer/training-data.ts';
import type { FinishedModel } from './finished-model.ts';
import type { IndexOptions } from './image-index.ts';

/** Recall both ways over all pairs of another list, as an evaluation in training measures it. */
export async function measure(
  model: FinishedModel,
  ask: MeasureAsk,
  options: IndexOptions = {},
): Promise<OtherEvaluation> {
  return withPairs(model, ask, async (set) => {
    const { metrics, chance } = await evaluate(
      model.embedder,
      set,
      model.config.eval,
      model.model.fusion.pairSimilarity !== null,
      onBatch(options),
    );
    const badIds = set.images.badImages.length;
    return {
      ...identity(model, ask.data),
      kind: 'retrieval',
      images: set.pairs.images - badIds,
      captions: set.pairs.count,
      left_out: set.pairs.badImages + badIds,
      metrics,
      chance,
    };
  });
}

/** Says how far it is, and ends where nobody wants the answer any more. */
export const onBatch =
  ({ signal, onProgress }: IndexOptions): OnBatch =>
  (done, total) => {
    signal?.throwIfAborted();
    onProgress?.(done, total);
  };

/** What every evaluation says of itself. */
export function identity({ step, isBest }: FinishedModel, data: string) {
  return { time: Date.now(), data, step, is_best: isBest };
}

/** All pairs of a list as an evaluation takes them; its columns are the run's unless others are named. */
export async function withPairs<Result>(
  finished: FinishedModel,
  { data: pairsFile, image_column, caption_column, image_root }: MeasureAsk,
  work: (set: ValidationSet) => Promise<Result>,
): Promise<Result> {
  const { config } = finished;
  const data = {
    ...config.data,
    pairs: pairsFile,
    val: null,
    format: null,
    delimiter: null,
    split_by: 'image',
    image_root: image_root ?? null,
    image_column: image_column ?? config.data.image_column,
    caption_column: caption_column ?? config.data.caption_column,
  };
  const pairs = await readPairs(data);
  const set = validationSet(pairs, allOf(pairs), { ...config, data }, finished);
  try {
    return await work(set);
  } finally {
    await set.images.close();
    await pairs.close();
  }
}
