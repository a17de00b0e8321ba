import type { ModelConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { loadTokenizer, type Tokenizer } from '../../data/captions/tokenizer.ts';
import type { Preprocessing } from '../../data/images/preprocessing.ts';
import { preprocessingBeside } from '../../data/images/preprocessing-of.ts';
import { bertShapes, type BertShape } from '../model/bert.ts';
import { initialArrays } from '../model/initial.ts';
import { imagePrefix, textPrefix, type Model } from '../model/model.ts';
import type { Arrays } from '../model/parameter.ts';
import { readWeights, takeWeights } from './load.ts';
import { imageName, textName } from './names.ts';
import { openWeights, type WeightsSource } from '../../weights/source.ts';

/** What loaded weights decide before the model is built, and the arrays that it starts with. */
export interface Encoders {
  /** A vocabulary of another size than bert-base-uncased's changes the text encoder. */
  shapes: { text: BertShape };
  tokenizer: Tokenizer;
  preprocessing: Preprocessing;
  /** Said in the run: what was loaded and what of it was left out. */
  notes: string[];
  /** Loaded arrays where there are weights, random ones from the seed elsewhere. */
  initialArrays(model: Model, seed: number): Promise<Arrays>;
}

export async function prepareEncoders(config: ModelConfig): Promise<Encoders> {
  const { image_encoder: image, text_encoder: text } = config;
  const imageSource = image.weights === null ? null : await openWeights(image.weights);
  const { source: textSource, tokenizer, shape } = await openTextWeights(text);
  const notes: string[] = [];
  return {
    shapes: { text: shape },
    tokenizer,
    preprocessing: preprocessingBeside(imageSource),
    notes,
    async initialArrays(model, seed) {
      const arrays = initialArrays(model.parameters, seed);
      for (const [source, prefix, rename, encoder] of [
        [imageSource, imagePrefix, imageName, image.name],
        [textSource, textPrefix, textName, text.name],
      ] as const) {
        if (!source) continue;
        const specs = model.parameters.filter((spec) => spec.name.startsWith(prefix));
        const loaded = await readWeights(source, rename);
        const taken = takeWeights(specs, prefix, loaded, source, encoder);
        Object.assign(arrays, taken.arrays);
        notes.push(
          `${encoder}: ${specs.length} arrays loaded from ${source.name}, ${loaded.leftOut} of its arrays are not needed.`,
          ...taken.notes,
        );
      }
      return arrays;
    },
  };
}

/** The vocabulary of a text encoder's weights, and the shape that it has with that. */
export async function openTextWeights({ name, weights }: ModelConfig['text_encoder']): Promise<{
  source: WeightsSource | null;
  tokenizer: Tokenizer;
  shape: BertShape;
}> {
  const source = weights === null ? null : await openWeights(weights);
  const tokenizer = await loadTokenizer(source?.vocabFile ?? undefined);
  const shape: BertShape = { ...bertShapes[name], vocabulary: tokenizer.vocabSize };
  if (source) checkTextConfig(source, shape, name);
  return { source, tokenizer, shape };
}

/** config.json says what the weights are before they are read. */
function checkTextConfig(source: WeightsSource, shape: BertShape, name: string): void {
  const { config } = source;
  if (!config) return;
  const wanted: [string, number | string][] = [
    ['model_type', 'bert'],
    ['hidden_size', shape.width],
    ['num_hidden_layers', shape.layers],
    ['num_attention_heads', shape.heads],
    ['hidden_act', 'gelu'],
  ];
  const wrong = wanted.find(([key, value]) => config[key] !== undefined && config[key] !== value);
  if (wrong)
    throw new HumanError(
      `The weights ${source.name} have ${wrong[0]} ${String(config[wrong[0]])}, and ${name} has ${wrong[1]}.`,
      'Choose the encoder that the weights were made with (model.text_encoder.name).',
      'weights_mismatch',
    );
  if (
    typeof config['vocab_size'] === 'number' &&
    config['vocab_size'] !== shape.vocabulary &&
    !source.vocabFile
  )
    throw new HumanError(
      `The weights ${source.name} are for a vocabulary of ${config['vocab_size']} tokens, and no vocab.txt lies beside them.`,
      'Put the vocabulary of the weights beside them as vocab.txt.',
      'vocabulary_missing',
    );
}
