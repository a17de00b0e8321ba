import type { PairSet } from '../data/pair-set.ts';
import { HumanError } from '../protocol/human-error.ts';
import { rankValidation, type RankedValidation } from '../trainer/evaluation/evaluate.ts';
import { openValidation } from '../trainer/training-data.ts';
import type { FinishedModel } from './finished-model.ts';
import { said } from '../text/say.ts';

/** What the model makes of the validation side of its run's data; HumanError when nothing was held out. */
export async function embedValidation<Result>(
  finished: FinishedModel,
  work: (ranked: RankedValidation & { pairs: PairSet }) => Promise<Result>,
): Promise<Result> {
  const { config, model, embedder } = finished;
  const validation = await openValidation(config, finished);
  if (!validation) throw noValidation();
  const { pairs, images } = validation;
  try {
    const rerank = model.fusion.pairSimilarity ? config.eval.rerank : 0;
    return await work({ ...(await rankValidation(embedder, validation, rerank, mostNeeded)), pairs });
  } finally {
    await images.close();
    await pairs.close();
  }
}

export const noValidation = (): HumanError =>
  new HumanError(
    said('The run held no pairs out.'),
    said(
      'Give data.val_fraction a value, or data.val a list, and train again; or measure the model on other pairs.',
    ),
    'no_validation',
  );

/** Of each query's candidates: the first ones are shown, and one of them may be the right one. */
const mostNeeded = 6;

/** The images that a caption finds, nearest first: by the fusion's own scores where it has such. */
export async function imagesInOrder(
  { embedder, model }: FinishedModel,
  { images, texts, pooled }: RankedValidation,
  text: number,
): Promise<number[]> {
  const candidates = pooled.texts.candidates.of(text);
  if (!model.fusion.pairSimilarity) return [...candidates];
  const scores = await embedder.scores(images, candidates, texts, [text]);
  const scored = Array.from(candidates, (image, at) => ({ image, score: scores[at]! }));
  return scored.sort((a, b) => b.score - a.score).map(({ image }) => image);
}
