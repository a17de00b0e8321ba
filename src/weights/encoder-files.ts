import type { EncoderConfig } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import type { Hub } from './hub.ts';
import { openOnnx, type OnnxSource } from './onnx-files.ts';
import { openBeside, type WeightsBeside } from './source.ts';
import { said } from '../text/say.ts';

/** What lies beside the weights of one side, which are not fetched; null: it starts at random. `whole`: the model's own weights. */
export async function besideWeights(
  whole: string | null,
  encoder: Pick<EncoderConfig<string>, 'name' | 'weights'>,
  side: 'image' | 'text',
  hub?: Hub,
): Promise<WeightsBeside | null> {
  // Configs of earlier versions have no weights of both.
  const name = whole || (encoder.name === 'auto' ? weightsOfAuto(encoder, side) : encoder.weights);
  return name === null ? null : openBeside(name, hub);
}

/** The model of `name: auto`; HumanError when no folder is named. */
export async function openAuto(
  encoder: Pick<EncoderConfig<string>, 'weights' | 'dtype'>,
  side: 'image' | 'text',
  hub?: Hub,
): Promise<OnnxSource> {
  return openOnnx(weightsOfAuto(encoder, side), side, encoder.dtype ?? null, hub);
}

function weightsOfAuto({ weights }: Pick<EncoderConfig<string>, 'weights'>, side: 'image' | 'text'): string {
  if (weights !== null) return weights;
  throw new HumanError(
    said('model.{0}_encoder.name is auto, and no weights say what the encoder is.', side),
    said('Name a folder with an ONNX model as model.{0}_encoder.weights.', side),
    'weights_missing',
  );
}
