import type { Experiment } from '../schema/schema.ts';
import { imageSizes, textSizes, type Stack } from './encoder-sizes.ts';

/** What a trainer takes before it has a model. */
const programBytes = 250e6;

/** Tokens that a batch is padded to: captions are mostly far shorter than the limit. */
const usualTokens = 32;

/** Bytes that a training takes, by what they are for. */
export interface TrainingMemory {
  weights: number;
  /** Gradients and AdamW's two moments. */
  training: number;
  /** Kept for the backward pass, of as many pairs as run at a time, and batches that are read ahead. */
  activations: number;
  /** Node, the engine and its code. */
  program: number;
}

/** Of all kinds together. */
export function trainingBytes(experiment: Experiment, batch: number, micro = batch): number {
  const { weights, training, activations, program } = trainingMemory(experiment, batch, micro);
  return weights + training + activations + program;
}

/** What the training takes that is asked for, on a machine with so much memory where that chooses the micro-batch. */
export function expectedMemory(experiment: Experiment, memoryBytes = Infinity): TrainingMemory {
  const { batch_size, micro_batch } = experiment.train;
  const micro = micro_batch === 'auto' ? largestMicroBatch(experiment, memoryBytes) : micro_batch;
  return trainingMemory(experiment, batch_size, Math.min(micro ?? batch_size, batch_size));
}

/** What a training of such batches takes, roughly; measured on the processor (docs/decisions). */
export function trainingMemory(experiment: Experiment, batch: number, micro = batch): TrainingMemory {
  const { image_encoder, text_encoder, fusion } = experiment.model;
  const { image_size, max_length } = experiment.data;
  const tokens = Math.min(max_length, usualTokens);
  const image = imageSizes(image_encoder.name);
  const regions = Math.ceil(image_size / image.stride) ** 2;
  const text = textSizes(text_encoder.name);
  const imageFloats =
    micro * ('floats' in image ? image.floats * (image_size / 224) ** 2 : stackFloats(regions + 1, image));
  const textFloats = micro * stackFloats(tokens, text);
  const imageShare = learningShare(image_encoder.train, image.layers);
  const textShare = learningShare(text_encoder.train, text.layers);
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
  const learning = imageShare * image.parameters + textShare * text.parameters;
  const ofFusion = 12 * fusion.layers * fusion.dim ** 2;
  // Micro-batches' gradients are added up beside those of the last one.
  const more = micro < batch ? 4 : 3;
  return {
    weights: 4 * (image.parameters + text.parameters + ofFusion),
    training: 4 * more * (learning + ofFusion),
    activations:
      4 * (imageShare * imageFloats + textShare * textFloats + together) +
      pixelBytes(batch, micro, image_size),
    program: programBytes,
  };
}

/**
 * 8 bits of the batch that is computed and of those read ahead, as the loader keeps them (at most 4 and 128 MB, at least one), and 32 of those
 * that are computed at a time.
 */
function pixelBytes(batch: number, micro: number, imageSize: number): number {
  const ofImage = 3 * imageSize ** 2;
  const bytes = ofImage * batch;
  return bytes * (1 + Math.min(4, Math.max(1, Math.floor(128e6 / bytes)))) + 4 * ofImage * micro;
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

/** Share of an encoder that learns, and so keeps activations, gradients and moments. */
function learningShare(train: Experiment['model']['image_encoder']['train'], layers: number): number {
  if (train === 'full') return 1;
  return train === 'frozen' ? 0 : Math.min(1, train.last / layers);
}

const stackFloats = (tokens: number, { layers, width, heads }: Stack): number =>
  layers * transformerFloats(tokens, width, heads);

/** Floats that one transformer layer keeps for a sequence: queries, keys, values, scores, the four-fold hidden layer, norms. */
function transformerFloats(tokens: number, width: number, heads: number): number {
  return tokens * (16 * width + 3 * heads * tokens);
}
