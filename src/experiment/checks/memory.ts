import type { Experiment } from '../schema/schema.ts';

/**
 * What an image encoder keeps for the backward pass, in floats per image at 224x224; it grows with the area. Twice the outputs of its
 * convolutions (they, and the same normalised): 2.3, 2.5 and 11.1 million numbers. `stride`: pixels per region.
 */
const image = {
  resnet_small: { floats: 4.5e6, parameters: 1.2e6, stride: 16 },
  resnet18: { floats: 5e6, parameters: 11.2e6, stride: 32 },
  resnet50: { floats: 22e6, parameters: 23.5e6, stride: 32 },
} as const;

/** An encoder that others exported: it runs before the training, as a typical ViT-B and a BERT of its size. */
const exported = {
  image: { floats: 0, parameters: 0, stride: 16 },
  text: { layers: 12, width: 768, heads: 12, parameters: 0 },
};

/** Pixels per region of an image encoder that trains here. */
export const regionStride = (name: keyof typeof image): number => image[name].stride;

const text = {
  'bert-tiny': { layers: 2, width: 128, heads: 2, parameters: 4.4e6 },
  'bert-mini': { layers: 4, width: 256, heads: 4, parameters: 11.2e6 },
  'bert-base-uncased': { layers: 12, width: 768, heads: 12, parameters: 109.5e6 },
} as const;

/** Tokens that a batch is padded to: captions are mostly far shorter than the limit. */
const usualTokens = 32;

/**
 * Bytes that a training step of a batch needs, roughly (within a factor of 2): activations kept for the backward pass of as many pairs as run
 * at a time, parameters, gradients and AdamW's two moments.
 */
export function trainingBytes(experiment: Experiment, batch: number, micro = batch): number {
  const { image_encoder, text_encoder, fusion } = experiment.model;
  const { image_size, max_length } = experiment.data;
  const tokens = Math.min(max_length, usualTokens);
  const resnet = image_encoder.name === 'auto' ? exported.image : image[image_encoder.name];
  const regions = Math.ceil(image_size / resnet.stride) ** 2;
  const bert = text_encoder.name === 'auto' ? exported.text : text[text_encoder.name];
  const imageFloats = image_encoder.train === 'full' ? micro * resnet.floats * (image_size / 224) ** 2 : 0;
  const textFloats =
    text_encoder.train === 'full'
      ? micro * bert.layers * transformerFloats(tokens, bert.width, bert.heads)
      : 0;
  let together = batch * batch;
  if (fusion.kind === 'cross_attention')
    // Scores and attended regions of every image with every caption, forward and backward.
    together = batch * micro * tokens * (2 * regions + 4 * fusion.dim) * fusion.layers;
  if (fusion.kind === 'early')
    together =
      batch *
      (1 + 2 * fusion.hard_negatives) *
      fusion.layers *
      transformerFloats(tokens + regions, fusion.dim, fusion.heads);
  const parameters = resnet.parameters + bert.parameters + 12 * fusion.layers * fusion.dim ** 2;
  // Micro-batches' gradients are added up beside those of the last one.
  const copies = micro < batch ? 5 : 4;
  return 4 * (imageFloats + textFloats + together + copies * parameters);
}

/** The most pairs at a time that divide the batch and fit into that many bytes, at least 2; null where the whole batch fits. */
export function largestMicroBatch(experiment: Experiment, bytes: number): number | null {
  const { batch_size } = experiment.train;
  if (experiment.model.fusion.kind === 'early') return null;
  let smallest: number | null = null;
  for (let micro = batch_size; micro >= 2; micro--) {
    if (batch_size % micro !== 0) continue;
    smallest = micro < batch_size ? micro : null;
    if (trainingBytes(experiment, batch_size, micro) <= bytes) break;
  }
  return smallest;
}

/** Floats that one transformer layer keeps for a sequence: queries, keys, values, scores, the four-fold hidden layer, norms. */
function transformerFloats(tokens: number, width: number, heads: number): number {
  return tokens * (16 * width + 3 * heads * tokens);
}
