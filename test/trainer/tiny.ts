import { rng } from '../../src/data/hash.ts';
import type { Batch } from '../../src/data/loader.ts';
import type { LossConfig, ModelConfig, OptimizerConfig } from '../../src/experiment/config.ts';
import type { buildModel } from '../../src/trainer/model/model.ts';
import type { Values } from '../../src/trainer/engines/engine.ts';

export const tinyImageSize = 16;

/** Encoders small enough for plain JavaScript. */
export const tinyShapes = {
  image: {
    kind: 'resnet',
    block: 'basic',
    depths: [1, 1],
    channels: [8, 16],
    stem: { kernel: 3, stride: 2, pool: true },
  },
  text: {
    kind: 'bert',
    layers: 2,
    width: 16,
    heads: 2,
    intermediate: 32,
    vocabulary: 200,
    positions: 40,
    types: 2,
  },
} satisfies Parameters<typeof buildModel>[2];

export function modelConfig(kind: ModelConfig['fusion']['kind'], layers = 1, dim = 16): ModelConfig {
  return {
    weights: null,
    image_encoder: { name: 'resnet_small', weights: null, dtype: null, train: 'full' },
    text_encoder: {
      name: 'bert-tiny',
      weights: null,
      dtype: null,
      train: 'full',
      pooling: 'mean',
      dropout: 0,
    },
    fusion: { kind, layers, heads: 2, dim, hard_negatives: 2 },
  };
}

export const fixedTemperature: LossConfig = {
  kind: 'info_nce',
  temperature: 0.1,
  loaded: false,
  learn_temperature: false,
  min_temperature: 0.01,
  bias: -10,
};

export function optimizerConfig(rate = 1e-3): OptimizerConfig {
  return {
    kind: 'adamw',
    learning_rate: { image: rate, text: rate, fusion: rate, scale: rate },
    head_rate: { image: null, text: null },
    layer_decay: 1,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    weight_decay: 0.01,
    clip_norm: 1,
    clip_by: 'global',
    schedule: { kind: 'constant', warmup: 0, final_fraction: 0 },
    max_skips: 5,
  };
}

/** A batch of noise pictures and random captions, every pair its own picture and caption. */
export function noiseBatch(
  batch: number,
  imageSize: number,
  length: number,
  ...seed: (number | string)[]
): Values {
  const random = rng('noise', ...seed);
  const pixels = Float32Array.from({ length: batch * imageSize * imageSize * 3 }, () => random.normal());
  const tokenIds = new Int32Array(batch * length);
  const mask = new Float32Array(batch * length);
  for (let row = 0; row < batch; row++) {
    const real = 3 + random.int(length - 2);
    for (let i = 0; i < real; i++) {
      tokenIds[row * length + i] = i === 0 ? 101 : i === real - 1 ? 102 : 103 + random.int(97);
      mask[row * length + i] = 1;
    }
  }
  const ids = Int32Array.from({ length: batch }, (_, i) => i);
  return { pixels, token_ids: tokenIds, mask, image_ids: ids, caption_ids: ids.slice() };
}

/** The same as the loader gives it. */
export function loadedBatch(batch: number, length: number, ...seed: (number | string)[]): Batch {
  const noise = noiseBatch(batch, tinyImageSize, length, ...seed);
  return {
    size: batch,
    imageSize: tinyImageSize,
    length,
    pixels: noise['pixels'] as Float32Array,
    tokenIds: noise['token_ids'] as Int32Array,
    states: null,
    mask: noise['mask'] as Float32Array,
    imageIds: noise['image_ids'] as Int32Array,
    captionIds: noise['caption_ids'] as Int32Array,
    pairs: new Int32Array(batch),
  };
}
