import type { EncoderConfig } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import { openOnnx, type OnnxSource } from './onnx-files.ts';
import { openWeights, type WeightsSource } from './source.ts';

/** What says how an encoder's weights are used, of whichever kind they are. */
export type EncoderFiles = Pick<WeightsSource, 'name' | 'config' | 'vocabFile' | 'preprocessor'>;

/** The files of an encoder as the experiment asks for it; null: it starts at random. */
export async function openEncoderFiles(
  encoder: Pick<EncoderConfig<string>, 'name' | 'weights' | 'dtype'>,
  side: 'image' | 'text',
): Promise<EncoderFiles | null> {
  if (encoder.name === 'auto') return openAuto(encoder, side);
  return encoder.weights === null ? null : openWeights(encoder.weights);
}

/** The model of `name: auto`; HumanError when no folder is named. */
export async function openAuto(
  { weights, dtype }: Pick<EncoderConfig<string>, 'weights' | 'dtype'>,
  side: 'image' | 'text',
): Promise<OnnxSource> {
  if (weights !== null) return openOnnx(weights, side, dtype ?? null);
  throw new HumanError(
    `model.${side}_encoder.name is auto, and no weights say what the encoder is.`,
    `Name a folder with an ONNX model as model.${side}_encoder.weights.`,
    'weights_missing',
  );
}
