import * as z from 'zod';
import { key, path } from './key.ts';

const weights = () =>
  key(path().nullable().default(null), {
    label: 'Weights',
    basic: true,
    description:
      'Loaded weights: a folder (relative to this file) or a hub id, hf:owner/name. null: the encoder starts at random, from the seed.',
    control: 'path',
  });

const train = () =>
  key(
    z.union([z.enum(['full', 'frozen']), z.strictObject({ last: z.int().min(1).max(1000) })]).default('full'),
    {
      label: 'Train',
      basic: true,
      description:
        'full: the encoder learns. frozen: it stays as it is; only its projection learns. { last: N }: its last N layers learn (of a ResNet: stages, of 4), and the others stay as they are.',
      forms: ['{ last: 2 }'],
    },
  );

const numbers = () =>
  key(z.enum(['fp32', 'fp16', 'int8']).nullable().default(null), {
    label: 'Numbers',
    description:
      'name: auto: which of the ONNX files of the folder is taken: model.onnx (fp32), model_fp16.onnx, model_quantized.onnx (int8). null: the most exact that is there.',
    usual: [{ value: 'int8', source: 'a quarter of the memory, on processors often twice as fast' }],
  });

const imageEncoder = z.strictObject({
  name: key(
    z
      .enum([
        'resnet_small',
        'resnet18',
        'resnet50',
        'vit-tiny-patch16',
        'vit-small-patch16',
        'vit-base-patch16',
        'clip-vit-base-patch32',
        'clip-vit-base-patch16',
        'clip-vit-large-patch14',
        'vit',
        'clip',
        'auto',
      ])
      .default('resnet50'),
    {
      label: 'Name',
      basic: true,
      description:
        'Architecture of the image encoder. vit, clip: of whatever ViT or CLIP the weights are, as their config.json says.',
      usual: [
        { value: 'resnet_small', source: 'Tandem: 4 stages of 32-256 channels, for CPUs' },
        { value: 'resnet18', source: 'He et al., 2015' },
        { value: 'resnet50', source: 'He et al., 2015' },
        { value: 'vit-tiny-patch16', source: 'Touvron et al., 2021: 12 layers of 192' },
        { value: 'vit-base-patch16', source: 'Dosovitskiy et al., 2020: 12 layers of 768' },
        { value: 'clip-vit-base-patch32', source: 'Radford et al., 2021: CLIP’s image tower' },
        {
          value: 'auto',
          source: 'what the ONNX model of the weights is (CLIP, SigLIP, DINOv2, ViT...), frozen',
        },
      ],
    },
  ),
  weights: weights(),
  dtype: numbers(),
  train: train(),
});

const textEncoder = z.strictObject({
  name: key(
    z
      .enum([
        'bert-tiny',
        'bert-mini',
        'bert-base-uncased',
        'clip-vit-base-patch32',
        'clip-vit-base-patch16',
        'clip-vit-large-patch14',
        'clip',
        'auto',
      ])
      .default('bert-base-uncased'),
    {
      label: 'Name',
      basic: true,
      description:
        'Architecture of the text encoder; clip-…: the text tower of that CLIP. clip: of whatever CLIP the weights are.',
      usual: [
        { value: 'bert-tiny', source: 'Turc et al., 2019: 2 layers of 128' },
        { value: 'bert-mini', source: 'Turc et al., 2019: 4 layers of 256' },
        { value: 'bert-base-uncased', source: 'Devlin et al., 2018: 12 layers of 768' },
        { value: 'clip-vit-base-patch32', source: 'Radford et al., 2021: 12 layers of 512, 77 tokens' },
        { value: 'auto', source: 'what the ONNX model of the weights is (CLIP, MiniLM, E5...), frozen' },
      ],
    },
  ),
  weights: weights(),
  dtype: numbers(),
  train: train(),
  pooling: key(z.enum(['cls', 'mean']).default('mean'), {
    label: 'Pooling',
    description:
      'cls: the state of [CLS] stands for the caption. mean: the mean over its real tokens. CLIP’s towers always take the last token.',
  }),
  dropout: key(z.number().min(0).lt(1).default(0.1), {
    label: 'Dropout',
    description:
      'Probability that a unit of the text encoder is dropped while training; CLIP’s towers know none.',
    unit: 'probability',
    usual: [{ value: '0.1', source: 'BERT (Devlin et al., 2018)' }],
  }),
});

const fusion = z.strictObject({
  kind: key(z.enum(['cross_attention', 'late', 'early']).default('cross_attention'), {
    label: 'Kind',
    basic: true,
    description:
      'late: cosine of the two pooled projections. cross_attention: a caption’s tokens attend over the image’s regions. early: tokens and regions run through one transformer.',
  }),
  layers: key(z.int().min(1).max(24).default(1), {
    label: 'Layers',
    description: 'Layers of cross attention, or of the transformer of early fusion.',
    unit: 'layers',
  }),
  heads: key(z.int().min(1).max(64).default(8), {
    label: 'Heads',
    description: 'Attention heads; they divide dim evenly.',
    unit: 'heads',
    usual: [{ value: '8', source: 'Vaswani et al., 2017' }],
  }),
  dim: key(z.int().min(8).max(4096).default(256), {
    label: 'Dim',
    description: 'Width of the space that images and captions share.',
    unit: 'numbers',
    usual: [
      { value: '256', source: 'ALBEF (Li et al., 2021)' },
      { value: '512', source: 'CLIP ViT-B/32' },
    ],
  }),
  hard_negatives: key(z.int().min(1).max(1024).default(4), {
    label: 'Hard negatives',
    description: 'early: negatives that are scored per pair, the hardest of the batch by pooled similarity.',
    unit: 'pairs',
  }),
});

/** `model`: the two encoders and how they meet. */
export const modelSection = z.strictObject({
  weights: key(path().nullable().default(null), {
    label: 'Weights of both',
    basic: true,
    description:
      'A CLIP as it is, both encoders with their projections and temperature: a folder (relative to this file) or a hub id, hf:owner/name. It is evaluated before the first step and goes on from there. null: each encoder has its own weights, or none.',
    control: 'path',
    sweepable: false,
    usual: [{ value: 'hf:openai/clip-vit-base-patch32', source: 'Radford et al., 2021' }],
  }),
  image_encoder: key(imageEncoder.prefault({}), {
    label: 'Image encoder',
    description: 'Turns an image into region tokens and a pooled vector.',
  }),
  text_encoder: key(textEncoder.prefault({}), {
    label: 'Text encoder',
    description: 'Turns a caption into token states and a pooled vector.',
  }),
  fusion: key(fusion.prefault({}), {
    label: 'Fusion',
    description: 'How images and captions are compared.',
  }),
});

/** `loss`: what is made small. */
export const lossSection = z.strictObject({
  kind: key(z.enum(['info_nce', 'sigmoid']).default('info_nce'), {
    label: 'Kind',
    description:
      'info_nce: symmetric InfoNCE over the similarities of the batch. sigmoid: each pair is told right or wrong by itself, with a bias that is learnt beside the temperature.',
    usual: [
      { value: 'info_nce', source: 'CLIP (Radford et al., 2021)' },
      { value: 'sigmoid', source: 'SigLIP (Zhai et al., 2023)' },
    ],
  }),
  temperature: key(z.number().gt(0).max(100).optional(), {
    label: 'Temperature',
    description:
      'Similarities are divided by it before the softmax: smaller means that only the hardest negatives count. Not written, model.weights bring their own.',
    defaultText: '0.1',
    usual: [
      { value: '0.1', source: 'SimCLR (Chen et al., 2020)' },
      { value: '0.07', source: 'CLIP, at its start' },
    ],
  }),
  learn_temperature: key(z.boolean().optional(), {
    label: 'Learn the temperature',
    description:
      'The temperature is a parameter (branch scale), learnt in log space, as CLIP does; so is the bias of the sigmoid loss. Not written, it is for sigmoid and model.weights.',
    defaultText: 'false',
  }),
  bias: key(z.number().min(-100).max(100).default(-10), {
    label: 'Bias',
    description:
      'sigmoid: what is added to the logits at the start. Nearly all pairs of a batch are wrong ones, and a negative bias begins there.',
    usual: [{ value: '-10', source: 'SigLIP (Zhai et al., 2023)' }],
  }),
  min_temperature: key(z.number().min(0).max(100).default(0.01), {
    label: 'Smallest temperature',
    description: 'A learnt temperature never falls below it. 0: no bound.',
    usual: [{ value: '0.01', source: 'CLIP: 1/T is clamped at 100' }],
  }),
});
