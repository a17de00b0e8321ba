import type { ModelConfig } from '../../experiment/config.ts';
import { besideWeights } from '../../weights/encoder-files.ts';
import type { WeightsBeside } from '../../weights/source.ts';
import { ofClip, ofVit, readPreprocessing, squeezed, type Preprocessing } from './preprocessing.ts';

/** What an image encoder wants done to images: what lies beside its weights says, else what its kind was trained with. */
export async function preprocessingOf({
  weights,
  image_encoder: image,
}: ModelConfig): Promise<Preprocessing> {
  return preprocessingBeside(await besideWeights(weights, image, 'image'));
}

/** The same of weights that were opened; without any an encoder learns from `squeezed` images. */
export function preprocessingBeside(
  source: Pick<WeightsBeside, 'name' | 'config' | 'preprocessor'> | null,
): Preprocessing {
  if (!source) return squeezed;
  const otherwise = usualOf(String(source.config?.['model_type'] ?? ''));
  return source.preprocessor ? readPreprocessing(source.preprocessor, otherwise, source.name) : otherwise;
}

function usualOf(modelType: string): Preprocessing {
  if (modelType.startsWith('clip')) return ofClip;
  return modelType === 'vit' ? ofVit : squeezed;
}
