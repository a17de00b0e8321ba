import type { ModelConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { tokenizerOf } from '../../data/captions/tokenizer-of.ts';
import { openAuto } from '../../weights/encoder-files.ts';
import { openWeights } from '../../weights/source.ts';
import { bertParameters } from '../model/bert.ts';
import { imagePrefix, textPrefix } from '../model/model.ts';
import { resnetParameters, resnetShapes } from '../model/resnet.ts';
import { checkVocabulary } from '../frozen/text-model.ts';
import { checkFit, readShapes } from './load.ts';
import { imageName, textName } from './names.ts';
import { openTextWeights } from './prepare.ts';

/** What is wrong with the weights of a setting. */
export interface WeightsFault {
  /** Dotted key. */
  path: string;
  code: string;
  message: string;
}

/** What a run would say of its weights at its start, from the headers of their files. Nothing is fetched: weights of the hub are passed over. */
export async function checkWeights({
  image_encoder: image,
  text_encoder: text,
}: ModelConfig): Promise<WeightsFault[]> {
  return [
    ...(await faultsOf('model.image_encoder.weights', image.weights, async (weights) => {
      if (image.name === 'auto') return void (await openAuto(image, 'image'));
      const source = await openWeights(weights);
      const specs = resnetParameters(resnetShapes[image.name], imagePrefix);
      checkFit(specs, imagePrefix, await readShapes(source, imageName), source, image.name);
    })),
    ...(await faultsOf('model.text_encoder.weights', text.weights, async () => {
      if (text.name === 'auto') return checkAutoText(text);
      const { source, shape } = await openTextWeights(text);
      if (source)
        checkFit(
          bertParameters(shape, textPrefix),
          textPrefix,
          await readShapes(source, textName),
          source,
          text.name,
        );
    })),
  ];
}

/** The tokenizer is a part of a text encoder: its ids are rows of the embeddings. */
async function checkAutoText(encoder: ModelConfig['text_encoder']): Promise<void> {
  checkVocabulary(await openAuto(encoder, 'text'), await tokenizerOf(encoder));
}

async function faultsOf(
  path: string,
  weights: string | null,
  check: (weights: string) => Promise<void>,
): Promise<WeightsFault[]> {
  if (weights === null || weights.startsWith('hf:')) return [];
  try {
    await check(weights);
    return [];
  } catch (error) {
    if (!(error instanceof HumanError)) throw error;
    return [{ path, code: error.code, message: error.message }];
  }
}
