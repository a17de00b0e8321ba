import type { ImageEncoderName, TextEncoderName } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { ClipTextShape } from './clip-text.ts';
import { clipNames, vitNames, type PreNormShape } from './pre-norm.ts';
import type { VisionShape } from './vision-transformer.ts';
import { said } from '../../text/say.ts';

type VisionName = Extract<ImageEncoderName, `${'vit' | 'clip'}-${string}`>;
type ClipName = Extract<TextEncoderName, `clip-${string}`>;

const stack = (layers: number, width: number, heads: number) => ({
  ...{ layers, width, heads },
  intermediate: 4 * width,
});
const ofVit = { kind: 'vit', imageSize: 224, eps: 1e-12, activation: 'gelu', names: vitNames } as const;
const ofClip = { eps: 1e-5, activation: 'quick_gelu', names: clipNames } as const;
const clipVision = { ...ofClip, kind: 'clip_vision', imageSize: 224 } as const;
const clipText = { ...ofClip, kind: 'clip_text', vocabulary: 49408, positions: 77 } as const;

/** ViTs of Touvron et al. (2021) and Dosovitskiy et al. (2020), and CLIP's image towers (Radford et al., 2021), for images of 224 pixels. */
export const visionShapes: Record<VisionName, VisionShape> = {
  'vit-tiny-patch16': { ...ofVit, ...stack(12, 192, 3), patch: 16 },
  'vit-small-patch16': { ...ofVit, ...stack(12, 384, 6), patch: 16 },
  'vit-base-patch16': { ...ofVit, ...stack(12, 768, 12), patch: 16 },
  'clip-vit-base-patch32': { ...clipVision, ...stack(12, 768, 12), patch: 32 },
  'clip-vit-base-patch16': { ...clipVision, ...stack(12, 768, 12), patch: 16 },
  'clip-vit-large-patch14': { ...clipVision, ...stack(24, 1024, 16), patch: 14 },
};

/** CLIP's text towers, each under the name of the model that it belongs to. */
export const clipTextShapes: Record<ClipName, ClipTextShape> = {
  'clip-vit-base-patch32': { ...clipText, ...stack(12, 512, 8) },
  'clip-vit-base-patch16': { ...clipText, ...stack(12, 512, 8) },
  'clip-vit-large-patch14': { ...clipText, ...stack(12, 768, 12) },
};

export const isVision = (name: ImageEncoderName): name is VisionName => name in visionShapes;
export const isClipText = (name: TextEncoderName): name is ClipName => name in clipTextShapes;

/** A config.json as transformers writes it. */
type Config = Readonly<Record<string, unknown>>;

/** The towers of a CLIP, and the width that they share, from its config.json; HumanError `unknown_architecture` for another model. */
export function clipOf(
  config: Config,
  name: string,
): { image: VisionShape; text: ClipTextShape; dim: number } {
  if (config['model_type'] !== 'clip')
    throw new HumanError(
      said(
        '{0} is {1}, and of models with two encoders CLIP is what trains here.',
        name,
        config['model_type'] === undefined
          ? said('of no kind that its config.json names')
          : said('a {0}', String(config['model_type'])),
      ),
      said(
        'Name its encoders one by one (model.image_encoder.weights, model.text_encoder.weights), or a CLIP such as hf:openai/clip-vit-base-patch32.',
      ),
      'unknown_architecture',
    );
  return {
    image: visionOf(config, name),
    text: clipTextOf(config, name),
    dim: numberIn(config, 'projection_dim', 512),
  };
}

/** The shape of a ViT or of CLIP's image tower, from its config.json or that of the whole CLIP. What it does not say is as in transformers. */
export function visionOf(config: Config, name: string): VisionShape {
  const isClip = String(config['model_type']).startsWith('clip');
  const own = partOf(config, 'vision_config');
  return {
    ...stackOf(own, isClip ? visionShapes['clip-vit-base-patch32'] : visionShapes['vit-base-patch16'], name),
    kind: isClip ? 'clip_vision' : 'vit',
    imageSize: numberIn(own, 'image_size', 224),
    patch: numberIn(own, 'patch_size', isClip ? 32 : 16),
  };
}

/** The shape of CLIP's text tower, likewise. */
export function clipTextOf(config: Config, name: string): ClipTextShape {
  const own = partOf(config, 'text_config');
  return {
    ...stackOf(own, clipTextShapes['clip-vit-base-patch32'], name),
    kind: 'clip_text',
    vocabulary: numberIn(own, 'vocab_size', clipText.vocabulary),
    positions: numberIn(own, 'max_position_embeddings', clipText.positions),
  };
}

function stackOf(config: Config, usual: PreNormShape, name: string): PreNormShape {
  const activation = config['hidden_act'] ?? usual.activation;
  if (activation !== 'gelu' && activation !== 'quick_gelu')
    throw new HumanError(
      said('{0} computes with the activation {1}, which is not known here.', name, String(activation)),
      said('gelu and quick_gelu are; choose another model.'),
      'unknown_architecture',
    );
  return {
    layers: numberIn(config, 'num_hidden_layers', usual.layers),
    width: numberIn(config, 'hidden_size', usual.width),
    heads: numberIn(config, 'num_attention_heads', usual.heads),
    intermediate: numberIn(config, 'intermediate_size', usual.intermediate),
    eps: numberIn(config, 'layer_norm_eps', usual.eps),
    activation,
    names: usual.names,
  };
}

const partOf = (config: Config, key: string): Config => (config[key] as Config | undefined) ?? config;

const numberIn = (config: Config, key: string, usual: number): number =>
  typeof config[key] === 'number' ? config[key] : usual;
