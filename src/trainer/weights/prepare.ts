import type { ModelConfig } from '../../experiment/config.ts';
import { loadTokenizer, type Tokenizer } from '../../data/captions/tokenizer.ts';
import { tokenizerOf } from '../../data/captions/tokenizer-of.ts';
import type { Preprocessing } from '../../data/images/preprocessing.ts';
import { preprocessingBeside } from '../../data/images/preprocessing-of.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { openAuto } from '../../weights/encoder-files.ts';
import { openHub, type Hub } from '../../weights/hub.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import { openWeights, type WeightsSource } from '../../weights/source.ts';
import { clipOf } from '../model/clip.ts';
import type { ImageShape, TextShape } from '../model/encoders.ts';
import { initialArrays } from '../model/initial.ts';
import { imagePrefix, textPrefix, type Model, type Shapes } from '../model/model.ts';
import type { Arrays, ParameterSpec } from '../model/parameter.ts';
import { imageArchitecture, textArchitecture } from './architecture.ts';
import { readWeights, takeWeights } from './load.ts';
import { clipName, renamingFor, type Renaming } from './names.ts';
import { said, t } from '../../text/say.ts';

/** What loaded weights decide before the model is built, and the arrays that it starts with. */
export interface Encoders {
  /** Absent of an encoder that is run as others exported it. */
  shapes: Shapes;
  tokenizer: Tokenizer;
  preprocessing: Preprocessing;
  /** The weights are a whole model, which can be measured before its first step. */
  isWhole: boolean;
  /** Of encoders that are run as others exported them; null: one of ours. */
  exported: Record<Side, OnnxSource | null>;
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

const prefixes = { image: imagePrefix, text: textPrefix };

/** Weights, and what of a model they are for. */
export interface Part {
  source: WeightsSource;
  /** What it is called in messages. */
  name: string;
  /** Its arrays' names begin with it. */
  prefix: string;
  rename: Renaming;
}

/** `imageSize`: pixels of the images' side. `hub`: where weights of the hub are fetched through. */
export async function prepareEncoders(
  config: ModelConfig,
  imageSize: number,
  hub = openHub(),
): Promise<Encoders> {
  const { shapes, parts, exported, tokenizer, preprocessing } = await openEncoders(config, imageSize, hub);
  const notes: string[] = [];
  /** Random ones, and what there is of them in weights. */
  const loaded = async (wanted: readonly ParameterSpec[], seed: number): Promise<Arrays> => {
    const arrays = initialArrays(wanted, seed);
    for (const part of parts) {
      const specs = wanted.filter(({ name, isGiven }) => name.startsWith(part.prefix) && !isGiven);
      if (specs.length === 0) continue;
      const read = await readWeights(part.source, part.rename);
      const taken = takeWeights(specs, part, read);
      Object.assign(arrays, taken.arrays);
      notes.push(
        t(
          '{0}: {1} arrays loaded from {2}, {3} of its arrays are not needed.',
          part.name,
          specs.length,
          part.source.name,
          read.leftOut,
        ),
        ...taken.notes,
      );
    }
    return arrays;
  };
  const positions = shapes.text?.positions ?? Infinity;
  const filesOf = (side: Side): readonly string[] =>
    exported[side]?.files ??
    parts.find(({ prefix }) => prefixes[side].startsWith(prefix))?.source.weightFiles ??
    [];
  return {
    shapes,
    tokenizer: {
      ...tokenizer,
      encode: (caption, maxLength) => tokenizer.encode(caption, Math.min(maxLength, positions)),
    },
    preprocessing,
    isWhole: typeof config.weights === 'string',
    exported,
    files: { image: filesOf('image'), text: filesOf('text') },
    notes,
    load: (_side, specs, seed) => loaded(specs, seed),
    initialArrays: (model, seed) => loaded(model.parameters, seed),
  };
}

interface Opened extends Pick<Encoders, 'shapes' | 'tokenizer' | 'preprocessing' | 'exported'> {
  parts: Part[];
}

/** The encoders that a config names and the weights that they start from. */
export function openEncoders(config: ModelConfig, imageSize: number, hub?: Hub): Promise<Opened> {
  // Configs of earlier versions have no weights of both.
  return typeof config.weights === 'string'
    ? openWhole(config.weights, imageSize, hub)
    : openBoth(config, imageSize, hub);
}

async function openWhole(weights: string, imageSize: number, hub?: Hub): Promise<Opened> {
  const source = await openWeights(weights, hub);
  const { image, text, dim } = clipOf(source.config ?? {}, source.name);
  const tokenizer = await loadTokenizer(source.vocabFile ?? undefined);
  checkVocabulary(source, text.vocabulary, tokenizer);
  return {
    shapes: { image: { ...image, imageSize }, text: { ...text, vocabulary: tokenizer.vocabSize }, dim },
    parts: [{ source, name: 'clip', prefix: '', rename: clipName }],
    exported: { image: null, text: null },
    tokenizer,
    preprocessing: preprocessingBeside(source),
  };
}

async function openBoth(config: ModelConfig, imageSize: number, hub?: Hub): Promise<Opened> {
  const image = await openImage(config.image_encoder, imageSize, hub);
  const text = await openText(config, hub);
  return {
    shapes: { ...(image.shape && { image: image.shape }), ...(text.shape && { text: text.shape }) },
    parts: [...image.parts, ...text.parts],
    exported: { image: image.exported, text: text.exported },
    tokenizer: text.tokenizer,
    preprocessing: preprocessingBeside(image.exported ?? image.parts[0]?.source ?? null),
  };
}

/** One encoder: of ours with its shape, or as others exported it. */
interface OpenedEncoder<Shape> {
  shape: Shape | null;
  exported: OnnxSource | null;
  parts: Part[];
}

export async function openImage(
  encoder: ModelConfig['image_encoder'],
  imageSize: number,
  hub?: Hub,
): Promise<OpenedEncoder<ImageShape>> {
  const { name, weights } = encoder;
  if (name === 'auto') return { shape: null, exported: await openAuto(encoder, 'image', hub), parts: [] };
  const source = weights === null ? null : await openWeights(weights, hub);
  const found = imageArchitecture(name, source);
  const shape: ImageShape = found.kind === 'resnet' ? found : { ...found, imageSize };
  const parts = source ? [{ source, name, prefix: imagePrefix, rename: renamingFor(shape.kind) }] : [];
  return { shape, exported: null, parts };
}

export async function openText(
  model: Pick<ModelConfig, 'weights' | 'text_encoder'>,
  hub?: Hub,
): Promise<OpenedEncoder<TextShape> & { tokenizer: Tokenizer }> {
  const { name, weights } = model.text_encoder;
  if (name === 'auto') {
    const exported = await openAuto(model.text_encoder, 'text', hub);
    return { shape: null, exported, parts: [], tokenizer: await tokenizerOf(model, hub) };
  }
  const source = weights === null ? null : await openWeights(weights, hub);
  const tokenizer = await loadTokenizer(source?.vocabFile ?? undefined);
  const found = textArchitecture(name, source);
  if (source?.config) checkVocabulary(source, found.vocabulary, tokenizer);
  const shape: TextShape = { ...found, vocabulary: tokenizer.vocabSize };
  const parts = source ? [{ source, name, prefix: textPrefix, rename: renamingFor(shape.kind) }] : [];
  return { shape, exported: null, parts, tokenizer };
}

/** A vocabulary that is not the weights' own is told before they are read. */
function checkVocabulary(source: WeightsSource, vocabulary: number, { vocabSize }: Tokenizer): void {
  if (source.vocabFile || vocabulary === vocabSize) return;
  throw new HumanError(
    said(
      'The weights {0} are for a vocabulary of {1} tokens, and no {2} lies beside them.',
      source.name,
      vocabulary,
      source.config?.['model_type'] === 'bert' ? 'vocab.txt' : 'tokenizer.json',
    ),
    said('Put the vocabulary of the weights beside them.'),
    'vocabulary_missing',
  );
}
