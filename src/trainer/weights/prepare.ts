import type { ModelConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { loadTokenizer, type Tokenizer } from '../../data/captions/tokenizer.ts';
import { tokenizerOf } from '../../data/captions/tokenizer-of.ts';
import type { Preprocessing } from '../../data/images/preprocessing.ts';
import { preprocessingBeside } from '../../data/images/preprocessing-of.ts';
import { bertShapes, type BertShape } from '../model/bert.ts';
import { initialArrays } from '../model/initial.ts';
import { imagePrefix, ownName, textPrefix, type Model } from '../model/model.ts';
import type { Arrays, ParameterSpec } from '../model/parameter.ts';
import { readWeights, takeWeights } from './load.ts';
import { imageName, textName } from './names.ts';
import { openAuto } from '../../weights/encoder-files.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import { openWeights, type WeightsSource } from '../../weights/source.ts';

/** What loaded weights decide before the model is built, and the arrays that it starts with. */
export interface Encoders {
  /** A vocabulary of another size than bert-base-uncased's changes the text encoder; absent where it is no BERT. */
  shapes: { text?: BertShape };
  tokenizer: Tokenizer;
  preprocessing: Preprocessing;
  /** Of encoders that are run as others exported them; null: one of ours. */
  exported: { image: OnnxSource | null; text: OnnxSource | null };
  /** Files that an encoder's arrays come from; empty: it starts at random. */
  files: Record<Side, readonly string[]>;
  /** Said in the run: what was loaded and what of it was left out. */
  notes: string[];
  /** The arrays of an encoder, from its weights where there are such. */
  load(side: Side, specs: readonly ParameterSpec[], seed: number): Promise<Arrays>;
  /** Those of a model, random ones from the seed where nothing is loaded. */
  initialArrays(model: Model, seed: number): Promise<Arrays>;
}

type Side = 'image' | 'text';

export async function prepareEncoders(config: ModelConfig): Promise<Encoders> {
  const { image_encoder: image, text_encoder: text } = config;
  const exported = {
    image: image.name === 'auto' ? await openAuto(image, 'image') : null,
    text: text.name === 'auto' ? await openAuto(text, 'text') : null,
  };
  const imageSource =
    image.name === 'auto' || image.weights === null ? null : await openWeights(image.weights);
  const ownText = exported.text ? null : await openTextWeights(text);
  const notes: string[] = [];
  const ways = {
    image: { source: imageSource, prefix: imagePrefix, rename: imageName, name: image.name },
    text: { source: ownText?.source ?? null, prefix: textPrefix, rename: textName, name: text.name },
  };
  const load: Encoders['load'] = async (side, specs, seed) => {
    const { source, prefix, rename, name } = ways[side];
    if (!source) return initialArrays(specs, seed);
    const loaded = await readWeights(source, rename);
    const taken = takeWeights(specs, prefix, loaded, source, name);
    notes.push(
      `${name}: ${specs.length} arrays loaded from ${source.name}, ${loaded.leftOut} of its arrays are not needed.`,
      ...taken.notes,
    );
    return taken.arrays;
  };
  return {
    shapes: ownText ? { text: ownText.shape } : {},
    tokenizer: ownText?.tokenizer ?? (await tokenizerOf(text)),
    preprocessing: preprocessingBeside(exported.image ?? imageSource),
    exported,
    files: {
      image: exported.image?.files ?? imageSource?.weightFiles ?? [],
      text: exported.text?.files ?? ownText?.source?.weightFiles ?? [],
    },
    notes,
    load,
    async initialArrays(model, seed) {
      const arrays = initialArrays(
        model.parameters.filter(({ name }) => !name.startsWith(imagePrefix) && !name.startsWith(textPrefix)),
        seed,
      );
      for (const side of ['image', 'text'] as const) {
        const specs = model.parameters.filter(({ name }) => name.startsWith(ways[side].prefix));
        if (specs.length > 0) Object.assign(arrays, await load(side, specs, seed));
      }
      return arrays;
    },
  };
}

/** The vocabulary of a text encoder's weights, and the shape that it has with that. */
export async function openTextWeights({
  name,
  weights,
}: Pick<ModelConfig['text_encoder'], 'name' | 'weights'>): Promise<{
  source: WeightsSource | null;
  tokenizer: Tokenizer;
  shape: BertShape;
}> {
  const source = weights === null ? null : await openWeights(weights);
  const tokenizer = await loadTokenizer(source?.vocabFile ?? undefined);
  const shape: BertShape = { ...bertShapes[ownName(name)], vocabulary: tokenizer.vocabSize };
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
