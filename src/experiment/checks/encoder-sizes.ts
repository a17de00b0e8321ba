import type { Experiment } from '../schema/schema.ts';

type Model = Experiment['model'];
export type ImageName = Model['image_encoder']['name'];
export type TextName = Model['text_encoder']['name'];

/** A stack of transformer layers. */
export interface Stack {
  layers: number;
  width: number;
  heads: number;
}

interface Sizes {
  parameters: number;
  /** Layers as `train: { last: N }` counts them. */
  layers: number;
}

interface ResNet extends Sizes {
  /** Pixels per region. */
  stride: number;
  /**
   * What the backward pass needs of an image at 224x224, in numbers; it grows with the area. Twice the outputs of its convolutions (they, and the same
   * normalised): 2.3, 2.5 and 11.1 million.
   */
  floats: number;
}

interface VisionTransformer extends Sizes, Stack {
  /** Pixels per region. */
  stride: number;
}

interface TextTransformer extends Sizes, Stack {
  /** Tokens that it has positions for. */
  positions: number;
}

const base = { layers: 12, width: 768, heads: 12 };
const large = { layers: 24, width: 1024, heads: 16 };

const images = {
  resnet_small: { floats: 4.5e6, parameters: 1.2e6, stride: 16, layers: 4 },
  resnet18: { floats: 11.5e6, parameters: 11.2e6, stride: 32, layers: 4 },
  resnet50: { floats: 34e6, parameters: 23.5e6, stride: 32, layers: 4 },
  'vit-tiny-patch16': { layers: 12, width: 192, heads: 3, parameters: 5.5e6, stride: 16 },
  'vit-small-patch16': { layers: 12, width: 384, heads: 6, parameters: 21.7e6, stride: 16 },
  'vit-base-patch16': { ...base, parameters: 85.8e6, stride: 16 },
  'clip-vit-base-patch32': { ...base, parameters: 87.5e6, stride: 32 },
  'clip-vit-base-patch16': { ...base, parameters: 85.8e6, stride: 16 },
  'clip-vit-large-patch14': { ...large, parameters: 303.2e6, stride: 14 },
} as const;

const text512 = { layers: 12, width: 512, heads: 8, parameters: 63.2e6, positions: 77 };

const texts: Record<Exclude<TextName, 'auto' | 'clip'>, TextTransformer> = {
  'bert-tiny': { layers: 2, width: 128, heads: 2, parameters: 4.4e6, positions: 512 },
  'bert-mini': { layers: 4, width: 256, heads: 4, parameters: 11.2e6, positions: 512 },
  'bert-base-uncased': { ...base, parameters: 109.5e6, positions: 512 },
  'clip-vit-base-patch32': text512,
  'clip-vit-base-patch16': text512,
  'clip-vit-large-patch14': { ...base, parameters: 123.1e6, positions: 77 },
};

/** An encoder that others exported runs before the training, as a typical ViT-B and a BERT of its size. */
const exportedImage = { ...base, parameters: 0, stride: 16 };
const exportedText = { ...base, parameters: 0, positions: 512 };

/** What an image encoder is like; `vit` and `clip`, whose size is not known before their weights are opened, are taken for usual ones. */
export function imageSizes(name: ImageName): ResNet | VisionTransformer {
  if (name === 'auto') return exportedImage;
  if (name === 'vit') return images['vit-base-patch16'];
  return images[name === 'clip' ? 'clip-vit-base-patch32' : name];
}

/** The same of a text encoder. */
export function textSizes(name: TextName): TextTransformer {
  if (name === 'auto') return exportedText;
  return texts[name === 'clip' ? 'clip-vit-base-patch32' : name];
}
