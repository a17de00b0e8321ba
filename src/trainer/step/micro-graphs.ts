import type { Batch } from '../../data/loader.ts';
import type { CompiledCache } from '../engines/compiled-cache.ts';
import type { CompiledFunction, Engine, TensorFunction, TensorSpec, Values } from '../engines/engine.ts';
import type { SimilarityMatrix } from '../model/fusion.ts';
import type { Model } from '../model/model.ts';
import { encodingSpecs, parameterSpecs } from './loss-and-gradients.ts';
import {
  featuresOf,
  gradientsOfFeatures,
  gradientsOfSimilarity,
  lossOfSimilarity,
  similarityOf,
} from './micro-functions.ts';

/** Numbers of a pair's features. */
export interface FeatureWidths {
  image: number;
  text: number;
}

/** The functions of a step over micro-batches, each compiled when it is first asked for. */
export interface MicroGraphs {
  features(): Promise<CompiledFunction>;
  similarity(widths: FeatureWidths): Promise<CompiledFunction>;
  loss(): Promise<CompiledFunction>;
  similarityGradients(widths: FeatureWidths): Promise<CompiledFunction>;
  gradients(widths: FeatureWidths): Promise<CompiledFunction>;
}

/** For batches of this one's shape; gradients of what encodes are written into `encoding`. */
export function microGraphs(
  engine: Engine,
  model: Model,
  matrix: SimilarityMatrix,
  compiled: CompiledCache,
  { size, imageSize, length }: Batch,
  micro: number,
  encoding: Values,
): MicroGraphs {
  const known = (name: string, fn: () => TensorFunction, specs: Record<string, TensorSpec>, into?: Values) =>
    compiled.memo(`${name} ${size} ${length}`, { context: () => engine.compile(fn(), specs, into) });
  const pairs = encodingSpecs(model, { batch: micro, imageSize, length });
  const parameters = parameterSpecs(model);
  const compared = ({ image, text }: FeatureWidths) => ({
    ...parameters,
    image: float(size, image),
    text: float(micro, text),
    mask: float(micro, length),
  });
  return {
    features: () => known('features', () => featuresOf(model, matrix), pairs),
    similarity: (widths) => known('similarity', () => similarityOf(matrix), compared(widths)),
    loss: () =>
      known('loss', () => lossOfSimilarity(model), {
        ...parameters,
        similarity: float(size, size),
        image_ids: int(size),
        caption_ids: int(size),
      }),
    similarityGradients: (widths) =>
      known('similarity gradients', () => gradientsOfSimilarity(model, matrix), {
        ...compared(widths),
        similarity_gradient: float(size, micro),
      }),
    gradients: ({ image, text }) =>
      known(
        'gradients',
        () => gradientsOfFeatures(model, matrix),
        { ...pairs, image_gradient: float(micro, image), text_gradient: float(micro, text) },
        encoding,
      ),
  };
}

const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
const int = (...shape: number[]): TensorSpec => ({ shape, dtype: 'int32' });
