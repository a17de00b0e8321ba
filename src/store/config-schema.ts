import * as z from 'zod';
import type * as config from '../experiment/config.ts';

const text = z.string();
const number = z.number();
const flag = z.boolean();

/** A section of config.json. Keys that it lacks were not known to the version that wrote it; those of a later one are kept. */
const section = <Section>(values: Record<keyof Section, z.ZodType>) => z.looseObject(values).partial();

const encoder = {
  name: text,
  weights: text.nullable(),
  dtype: text.nullable(),
  train: z.union([text, z.looseObject({ last: number })]),
};

const sections: Record<keyof config.RunConfig, z.ZodType> = {
  name: text,
  seed: number,
  data: section<config.DataConfig>({
    pairs: text,
    format: text.nullable(),
    val: text.nullable(),
    val_fraction: number,
    split_by: text,
    image_column: text,
    caption_column: text,
    delimiter: text.nullable(),
    image_root: text.nullable(),
    image_size: number,
    max_length: number,
    augment: section<config.AugmentConfig>({
      crop: z.tuple([number, number]).nullable(),
      flip: number,
      swap_left_right: flag,
      drop_word: number,
    }),
    features: section<config.FeaturesConfig>({ views: number, dtype: text }),
    max_bad_fraction: number,
    cache_dir: text.nullable(),
  }),
  model: section<config.ModelConfig>({
    weights: text.nullable(),
    image_encoder: section<config.ModelConfig['image_encoder']>(encoder),
    text_encoder: section<config.ModelConfig['text_encoder']>({ ...encoder, pooling: text, dropout: number }),
    fusion: section<config.FusionConfig>({
      kind: text,
      layers: number,
      heads: number,
      dim: number,
      hard_negatives: number,
    }),
  }),
  loss: section<config.LossConfig>({
    kind: text,
    temperature: number,
    learn_temperature: flag,
    min_temperature: number,
    loaded: flag,
    bias: number,
  }),
  optimizer: section<config.OptimizerConfig>({
    kind: text,
    learning_rate: z.record(text, number),
    head_rate: z.record(text, number.nullable()),
    layer_decay: number,
    beta1: number,
    beta2: number,
    eps: number,
    weight_decay: number,
    clip_norm: number.nullable(),
    clip_by: text,
    schedule: section<config.ScheduleConfig>({ kind: text, warmup: number, final_fraction: number }),
    max_skips: number,
  }),
  train: section<config.TrainConfig>({
    batch_size: number,
    micro_batch: number.nullable(),
    epochs: number.nullable(),
    steps: number,
    steps_per_epoch: number,
    engine: text,
    provider: text,
    threads: number.nullable(),
  }),
  eval: section<config.EvalConfig>({ every: number, recall_at: z.array(number), rerank: number }),
  checkpoint: section<config.CheckpointConfig>({
    every: number,
    keep: number,
    keep_optimizer: flag,
    best: text.nullable(),
  }),
  notify: section<config.NotifyConfig>({
    webhook: text.nullable(),
    url_env: text,
    command: text.nullable(),
  }),
  reasons: z.record(text, text),
};

/** What config.json must be: each value that is there has the type that the experiment's settings give it. */
export const configSchema = z.looseObject(sections).partial();
