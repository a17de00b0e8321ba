import * as z from 'zod';
import { duration, positiveDuration } from './duration.ts';
import { key } from './key.ts';

const rate = () => z.number().min(0).max(10).optional();

/** A rate, or one for the encoder itself and one for the projection that stands on it. */
const encoderRate = () =>
  z
    .union([
      z.number().min(0).max(10),
      z.strictObject({
        head: z.number().min(0).max(10).optional(),
        body: z.number().min(0).max(10).optional(),
      }),
    ])
    .optional();

const learningRate = z.strictObject({
  image: key(encoderRate(), {
    label: 'Image',
    basic: true,
    description:
      'Peak learning rate of the image encoder. { head: 1e-3, body: 1e-5 }: head is the rate of its projection, which else learns at the fusion’s, and body that of the encoder.',
    defaultText: '1e-3 from scratch, 1e-4 with loaded weights, 1e-5 with CLIP’s',
    usual: [
      { value: '1e-3', source: 'from scratch: AdamW’s own default, open_clip RN50 5e-4' },
      { value: '1e-4', source: 'loaded weights: ResNets fine-tuned with Adam' },
    ],
  }),
  text: key(encoderRate(), {
    label: 'Text',
    basic: true,
    description:
      'Peak learning rate of the text encoder. { head: 1e-3, body: 1e-5 }: head is the rate of its projection, which else learns at the fusion’s, and body that of the encoder.',
    defaultText: '5e-4 from scratch, 2e-5 with loaded weights, 1e-5 with CLIP’s',
    usual: [
      { value: '5e-4', source: 'from scratch: open_clip' },
      { value: '2e-5', source: 'loaded weights: BERT fine-tuning, 2e-5 to 5e-5 (Devlin et al., 2018)' },
    ],
  }),
  fusion: key(rate(), {
    label: 'Fusion',
    basic: true,
    description:
      'Peak learning rate of the projections and the fusion layers, which start at random unless model.weights brings them.',
    defaultText: '1e-3, or 1e-5 with model.weights',
    usual: [{ value: '1e-3', source: 'new layers: AdamW’s own default' }],
  }),
  scale: key(rate(), {
    label: 'Scale',
    description: 'Peak learning rate of the logit scale, when the temperature is learnt.',
    defaultText: '1e-3, or 1e-5 with model.weights',
    usual: [{ value: '1e-3', source: 'as the fusion’s' }],
  }),
});

const schedule = z.strictObject({
  kind: key(z.enum(['constant', 'linear', 'cosine', 'inverse_sqrt']).default('cosine'), {
    label: 'Kind',
    description: 'How the learning rates go on after the warm-up.',
    usual: [
      { value: 'cosine', source: 'CLIP' },
      { value: 'linear', source: 'BERT' },
    ],
  }),
  warmup: key(duration.default('5%'), {
    label: 'Warm-up',
    description: 'Length over which the rates rise from 0 to their peak.',
    unit: 'steps, epochs, samples or % of the run',
    control: 'duration',
    usual: [
      { value: '5%', source: 'Tandem' },
      { value: '10%', source: 'BERT fine-tuning' },
      { value: '2000 steps', source: 'CLIP, of 400,000' },
    ],
  }),
  final_fraction: key(z.number().min(0).max(1).default(0), {
    label: 'Final share',
    description: 'Rate at the end, as a share of the peak.',
    unit: 'share of the peak',
    usual: [{ value: '0', source: 'CLIP' }],
  }),
});

/** `optimizer`: AdamW with one learning rate per branch. */
export const optimizerSection = z.strictObject({
  kind: key(z.enum(['adamw']).default('adamw'), {
    label: 'Kind',
    description: 'adamw: Adam with decoupled weight decay (Loshchilov and Hutter, 2017).',
  }),
  learning_rate: key(learningRate.prefault({}), {
    label: 'Learning rate',
    description: 'Peak learning rate of each branch.',
  }),
  layer_decay: key(z.number().gt(0).max(1).default(1), {
    label: 'Layer decay',
    description:
      'The rate of each layer of an encoder is this times that of the layer above; the highest has it once. 1: one rate for all layers.',
    usual: [
      { value: '1', source: 'BERT, CLIP: one rate' },
      { value: '0.8', source: 'ELECTRA, fine-tuned; BEiT 0.65 to 0.85' },
    ],
  }),
  beta1: key(z.number().min(0).lt(1).default(0.9), {
    label: 'Beta 1',
    description: 'Decay of AdamW’s running mean of gradients.',
    usual: [{ value: '0.9', source: 'PyTorch, CLIP' }],
  }),
  beta2: key(z.number().min(0).lt(1).default(0.999), {
    label: 'Beta 2',
    description: 'Decay of AdamW’s running mean of squared gradients.',
    usual: [
      { value: '0.999', source: 'PyTorch' },
      { value: '0.98', source: 'CLIP ViT' },
    ],
  }),
  eps: key(z.number().gt(0).max(1).default(1e-8), {
    label: 'Epsilon',
    description: 'Added to AdamW’s denominator.',
    usual: [
      { value: '1e-8', source: 'PyTorch' },
      { value: '1e-6', source: 'CLIP ViT' },
    ],
  }),
  weight_decay: key(z.number().min(0).max(10).default(0.01), {
    label: 'Weight decay',
    description: 'Decoupled weight decay; never on biases, norms and the temperature.',
    usual: [
      { value: '0.01', source: 'BERT, PyTorch' },
      { value: '0.2', source: 'CLIP, from scratch on 400 million pairs' },
    ],
  }),
  clip_norm: key(z.number().gt(0).nullable().default(1), {
    label: 'Clip norm',
    description: 'Gradients are scaled down to this L2 norm when theirs is larger. null: no clipping.',
    unit: 'L2 norm',
    usual: [{ value: '1.0', source: 'BERT, Hugging Face’s Trainer' }],
  }),
  clip_by: key(z.enum(['global', 'branch']).default('global'), {
    label: 'Clip by',
    description: 'global: one norm over all branches. branch: each branch by its own norm.',
  }),
  schedule: key(schedule.prefault({}), {
    label: 'Schedule',
    description: 'How the learning rates change over the run.',
  }),
  max_skips: key(z.int().min(1).default(10), {
    label: 'Most skips',
    description: 'Steps with a non-finite gradient in a row before the run ends as diverged.',
    unit: 'steps',
    sweepable: false,
  }),
});

/** `train`: length, batches, engine. */
export const trainSection = z.strictObject({
  batch_size: key(z.int().min(2).max(65536).default(64), {
    label: 'Batch size',
    basic: true,
    description: 'Pairs per step; the other pairs of a batch are the negatives.',
    unit: 'pairs',
    usual: [
      { value: '64', source: 'Tandem, one machine' },
      { value: '256', source: 'SimCLR’s smallest' },
      { value: '32768', source: 'CLIP' },
    ],
  }),
  micro_batch: key(
    z
      .union([z.int().min(1), z.literal('auto')])
      .nullable()
      .default(null),
    {
      label: 'Micro-batch',
      description:
        'Pairs that run through the encoders at a time; the loss still compares all pairs of the batch, and gradients are the whole batch’s (GradCache). Less memory for a second forward pass. Batch norm’s statistics are those of the micro-batch. Must divide the batch size; null: the whole batch; auto: the largest that this machine’s memory holds.',
      unit: 'pairs',
      usual: [
        { value: 'auto', source: 'the largest that this machine’s memory holds' },
        { value: '64', source: 'GradCache, one GPU' },
      ],
      sweepable: false,
    },
  ),
  epochs: key(z.int().min(1).nullable().default(null), {
    label: 'Epochs',
    basic: true,
    description: 'Passes over the training pairs. Excludes steps.',
    unit: 'epochs',
    defaultText: '20',
    usual: [
      { value: '20', source: 'Tandem' },
      { value: '32', source: 'CLIP' },
    ],
  }),
  steps: key(z.int().min(1).nullable().default(null), {
    label: 'Steps',
    description: 'Length of the run in optimizer updates. Excludes epochs.',
    unit: 'steps',
    defaultText: 'epochs × steps per epoch',
  }),
  engine: key(z.enum(['auto', 'onnx', 'tensorflow_gpu', 'tensorflow', 'cpu']).default('auto'), {
    label: 'Engine',
    description:
      'What computes. auto: the first of tensorflow_gpu, onnx, tensorflow, cpu that works here; the run says which and why.',
  }),
  provider: key(z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'), {
    label: 'Provider',
    description:
      'ONNX Runtime’s execution provider. auto: the fastest, from a few steps of each that works here; remembered for the model’s sizes.',
  }),
  threads: key(z.int().min(1).max(1024).nullable().default(null), {
    label: 'Threads',
    description: 'Compute threads. null: one per processor that may be used.',
    unit: 'threads',
  }),
});

/** `eval`: retrieval scores on the validation pairs. */
export const evalSection = z.strictObject({
  every: key(positiveDuration.default('1 epoch'), {
    label: 'Every',
    description: 'Time between evaluations; the last step is always evaluated.',
    unit: 'steps, epochs, samples or % of the run',
    control: 'duration',
    usual: [
      { value: '1 epoch', source: 'Tandem' },
      { value: '10%', source: 'ten times a run' },
    ],
    sweepable: false,
  }),
  recall_at: key(z.array(z.int().min(1)).min(1).default([1, 5, 10]), {
    label: 'Recall at',
    description: 'The K of recall@K.',
    control: 'list',
    usual: [{ value: '[1, 5, 10]', source: 'Flickr30k and COCO retrieval' }],
    sweepable: false,
  }),
  rerank: key(z.int().min(1).default(128), {
    label: 'Rerank',
    description:
      'cross_attention and early: best candidates by pooled similarity that the fusion scores again.',
    unit: 'candidates',
    usual: [{ value: '128', source: 'ALBEF, on Flickr30k' }],
    sweepable: false,
  }),
});

/** `checkpoint`: what is kept of the model on the way. */
export const checkpointSection = z.strictObject({
  every: key(positiveDuration.default('1 epoch'), {
    label: 'Every',
    description: 'Time between checkpoints; the last step always has one.',
    unit: 'steps, epochs, samples or % of the run',
    control: 'duration',
    usual: [{ value: '1 epoch', source: 'Tandem' }],
    sweepable: false,
  }),
  keep: key(z.int().min(1).default(1), {
    label: 'Keep',
    description:
      'Latest checkpoints that are kept, beside the best. While it trains at least two, in case one is damaged.',
    unit: 'checkpoints',
    sweepable: false,
  }),
  keep_optimizer: key(z.boolean().default(false), {
    label: 'Keep optimizer',
    description:
      "Keeps the optimizer's state, twice the size of the model, after the last step too; until then it is always there to resume from.",
    sweepable: false,
  }),
  best: key(z.string().min(1).nullable().default('val/recall@1'), {
    label: 'Best by',
    description:
      'Metric whose best checkpoint is kept as well. null: none. Without 1 in eval.recall_at, its first K.',
    usual: [
      { value: 'val/recall@1', source: 'Tandem' },
      { value: 'val/loss', source: 'common practice' },
    ],
    sweepable: false,
  }),
});
