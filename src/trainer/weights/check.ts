import type { LossConfig, ModelConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { imageEncoder, textEncoder } from '../model/encoders.ts';
import { buildModel, imagePrefix, textPrefix } from '../model/model.ts';
import type { ParameterSpec } from '../model/parameter.ts';
import { checkVocabulary } from '../frozen/text-model.ts';
import { checkFit, readShapes } from './load.ts';
import { openEncoders, openImage, openText, type Part } from './prepare.ts';

/** What is wrong with the weights of a setting. */
export interface WeightsFault {
  /** Dotted key. */
  path: string;
  code: string;
  message: string;
}

/** Images of any size do: their patches' positions are brought to it. */
const anySize = 224;

/** What a run would say of its weights at its start, from the headers of their files. Nothing is fetched: weights of the hub are passed over. */
export async function checkWeights(model: ModelConfig): Promise<WeightsFault[]> {
  const { weights, image_encoder: image, text_encoder: text } = model;
  if (typeof weights === 'string')
    return faultsOf('model.weights', weights, async () => {
      const { shapes, parts } = await openEncoders(model, anySize);
      const { parameters } = buildModel(
        { ...model, image_encoder: { ...image, train: 'full' }, text_encoder: { ...text, train: 'full' } },
        wholeLoss,
        shapes,
      );
      await fit(parameters, parts);
    });
  return [
    ...(await faultsOf('model.image_encoder.weights', image.weights, async () => {
      const { shape, parts } = await openImage(image, anySize);
      if (shape) await fit(imageEncoder(shape, imagePrefix).parameters, parts);
    })),
    ...(await faultsOf('model.text_encoder.weights', text.weights, async () => {
      const { shape, exported, parts, tokenizer } = await openText(model);
      // The tokenizer is a part of a text encoder: its ids are rows of the embeddings.
      if (exported) checkVocabulary(exported, tokenizer);
      if (shape) await fit(textEncoder(shape, textPrefix, text.pooling).parameters, parts);
    })),
  ];
}

const wholeLoss: LossConfig = {
  kind: 'info_nce',
  temperature: 0.01,
  loaded: true,
  learn_temperature: true,
  min_temperature: 0.01,
  bias: 0,
};

async function fit(specs: readonly ParameterSpec[], parts: readonly Part[]): Promise<void> {
  for (const part of parts) checkFit(specs, part, await readShapes(part.source, part.rename));
}

async function faultsOf(
  path: string,
  weights: string | null,
  check: () => Promise<void>,
): Promise<WeightsFault[]> {
  if (weights === null || weights.startsWith('hf:')) return [];
  try {
    await check();
    return [];
  } catch (error) {
    if (!(error instanceof HumanError)) throw error;
    return [{ path, code: error.code, message: error.message }];
  }
}
