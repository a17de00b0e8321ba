import { HumanError } from '../../protocol/human-error.ts';
import type { WeightsSource } from '../../weights/source.ts';
import type { BertShape } from '../model/bert.ts';
import { clipTextOf, visionOf } from '../model/clip.ts';
import type { ImageShape, TextShape } from '../model/encoders.ts';
import { imageShapeOf, textShapeOf } from '../model/named-shapes.ts';
import { said, t } from '../../text/say.ts';

type Config = NonNullable<WeightsSource['config']>;

/** The image encoder that a name, or for `vit` and `clip` the config.json beside the weights, stands for; `source` is null where it starts at random. */
export function imageArchitecture(
  name: Parameters<typeof imageShapeOf>[0],
  source: WeightsSource | null,
): ImageShape {
  if (name === 'vit' || name === 'clip') return visionOf(configOf(name, source, 'image'), source!.name);
  const shape = imageShapeOf(name);
  if (shape.kind === 'resnet' || !source?.config) return shape;
  const isClip = shape.kind === 'clip_vision';
  checkKind(source, isClip ? ['clip', 'clip_vision_model'] : ['vit'], name);
  const loaded = visionOf(source.config, source.name);
  checkSame(source, loaded, shape, ['width', 'layers', 'heads', 'patch'], name);
  return loaded;
}

/** The same of a text encoder; the size of its vocabulary is not looked at. */
export function textArchitecture(
  name: Parameters<typeof textShapeOf>[0],
  source: WeightsSource | null,
): TextShape {
  if (name === 'clip') return clipTextOf(configOf(name, source, 'text'), source!.name);
  const shape = textShapeOf(name);
  if (!source?.config) return shape;
  const isBert = shape.kind === 'bert';
  checkKind(source, isBert ? ['bert', undefined] : ['clip', 'clip_text_model'], name);
  const loaded = isBert ? bertOf(source.config) : clipTextOf(source.config, source.name);
  checkSame(source, loaded, shape, ['width', 'layers', 'heads'], name);
  return loaded;
}

/** The config.json of weights, which alone says how large a ViT or CLIP is. */
function configOf(kind: 'vit' | 'clip', source: WeightsSource | null, branch: string): Config {
  const config = source?.config;
  if (config && String(config['model_type']).startsWith(kind)) return config;
  throw new HumanError(
    source
      ? said(
          'The weights {0} {1}, and {2}_encoder.name is {3}.',
          source.name,
          config
            ? said('are of a {0}', String(config['model_type'] ?? t('model that names no kind')))
            : said('have no config.json beside them'),
          branch,
          kind,
        )
      : said('model.{0}_encoder.name is {1}, and there are no weights that say which.', branch, kind),
    said(
      'Name the encoder that they are of (model.{0}_encoder.name), or weights of a {1} with their config.json.',
      branch,
      kind === 'vit' ? said('ViT') : said('CLIP'),
    ),
    'unknown_architecture',
  );
}

function bertOf(config: Config): BertShape {
  const usual = textShapeOf('bert-base-uncased') as BertShape;
  const number = (key: string, otherwise: number): number =>
    typeof config[key] === 'number' ? config[key] : otherwise;
  const { hidden_act: activation = 'gelu' } = config;
  if (activation !== 'gelu')
    throw new HumanError(
      said('These weights have hidden_act {0}, and BERT is computed with gelu here.', String(activation)),
      said('Choose a BERT with hidden_act gelu.'),
      'weights_mismatch',
    );
  return {
    kind: 'bert',
    layers: number('num_hidden_layers', usual.layers),
    width: number('hidden_size', usual.width),
    heads: number('num_attention_heads', usual.heads),
    intermediate: number('intermediate_size', usual.intermediate),
    vocabulary: number('vocab_size', usual.vocabulary),
    positions: number('max_position_embeddings', usual.positions),
    types: number('type_vocab_size', usual.types),
  };
}

function checkKind(source: WeightsSource, kinds: readonly (string | undefined)[], name: string): void {
  const kind = source.config!['model_type'] as string | undefined;
  if (!kinds.includes(kind))
    throw mismatch(source, t('model_type {0}', String(kind)), t('is a {0}', kinds[0]!), name);
}

const keys = {
  width: 'hidden_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  patch: 'patch_size',
};

function checkSame<Shape extends object>(
  source: WeightsSource,
  loaded: Shape,
  named: Shape,
  parts: (keyof typeof keys)[],
  name: string,
): void {
  const valueOf = (shape: Shape, part: string): unknown => (shape as Record<string, unknown>)[part];
  const wrong = parts.find((part) => valueOf(loaded, part) !== valueOf(named, part));
  if (wrong)
    throw mismatch(
      source,
      `${keys[wrong]} ${String(valueOf(loaded, wrong))}`,
      t('has {0}', String(valueOf(named, wrong))),
      name,
    );
}

const mismatch = (source: WeightsSource, has: string, wanted: string, name: string): HumanError =>
  new HumanError(
    said('The weights {0} have {1}, and {2} {3}.', source.name, has, name, wanted),
    said('Choose the encoder that the weights were made with (model.*.name).'),
    'weights_mismatch',
  );
