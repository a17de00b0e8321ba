import type { Experiment } from '../schema.ts';

/** Activations that a ResNet keeps for the backward pass, in floats per picture at 224x224; they grow with the area. From the shapes of the layers (outputs of convolutions, norms and activations). */
const imageFloats = { resnet_small: 6e6, resnet18: 12.4e6, resnet50: 53e6 } as const;
const imageParameters = { resnet_small: 1.6e6, resnet18: 11.2e6, resnet50: 23.5e6 } as const;
const regions = (size: number): number => Math.max(1, Math.round(size / 32)) ** 2;

const text = {
  'bert-tiny': { layers: 2, width: 128, heads: 2, parameters: 4.4e6 },
  'bert-mini': { layers: 4, width: 256, heads: 4, parameters: 11.2e6 },
  'bert-base-uncased': { layers: 12, width: 768, heads: 12, parameters: 109.5e6 },
} as const;

/** Tokens that a batch is padded to: captions are mostly far shorter than the limit. */
const usualTokens = 32;

/** Bytes that a training step of a batch needs, roughly (within a factor of 2): activations kept for the backward pass, parameters, gradients and AdamW's two moments. */
export function trainingBytes(experiment: Experiment, batch: number): number {
  const { image_encoder, text_encoder, fusion } = experiment.model;
  const { image_size, max_length } = experiment.data;
  const tokens = Math.min(max_length, usualTokens);
  const regionCount = regions(image_size);
  const bert = text[text_encoder.name];
  const image =
    image_encoder.train === 'full' ? batch * imageFloats[image_encoder.name] * (image_size / 224) ** 2 : 0;
  const caption =
    text_encoder.train === 'full'
      ? batch * bert.layers * transformerFloats(tokens, bert.width, bert.heads)
      : 0;
  let together = batch * batch;
  if (fusion.kind === 'cross_attention')
    // Scores and attended regions of every image with every caption, forward and backward.
    together = batch * batch * tokens * (2 * regionCount + 4 * fusion.dim) * fusion.layers;
  if (fusion.kind === 'early')
    together =
      batch *
      (1 + fusion.hard_negatives) *
      2 *
      fusion.layers *
      transformerFloats(tokens + regionCount, fusion.dim, fusion.heads);
  const parameters =
    imageParameters[image_encoder.name] + bert.parameters + 12 * fusion.layers * fusion.dim ** 2;
  return 4 * (image + caption + together + 4 * parameters);
}

/** Floats that one transformer layer keeps for a sequence: queries, keys, values, scores, the four-fold hidden layer, norms. */
function transformerFloats(tokens: number, width: number, heads: number): number {
  return tokens * (16 * width + 3 * heads * tokens);
}
