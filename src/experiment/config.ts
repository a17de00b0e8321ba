import type { Experiment } from './schema/schema.ts';

/**
 * A run's resolved config: every default filled in, every duration in steps. Written to `config.json` in the run folder.
 * Keys keep the experiment file's snake_case spelling, so that no mapping layer exists.
 */
export interface RunConfig {
  name: string;
  seed: number;
  data: DataConfig;
  model: ModelConfig;
  loss: LossConfig;
  optimizer: OptimizerConfig;
  train: TrainConfig;
  eval: EvalConfig;
  checkpoint: CheckpointConfig;
  notify: NotifyConfig;
  /** Why a default has the value it has, by dotted key: `optimizer.learning_rate.text` -> "from scratch: 5e-4". */
  reasons: Record<string, string>;
}

export type DataFormat = NonNullable<Experiment['data']['format']>;

export interface DataConfig {
  /** File, folder or glob of tar shards; absolute once resolved. */
  pairs: string;
  /** null: told from the file's name and first bytes. */
  format: DataFormat | null;
  val: string | null;
  val_fraction: number;
  /** `image`, `caption` or the name of a column: rows with the same value stand on one side. */
  split_by: string;
  image_column: string;
  caption_column: string;
  /** null: told from the header line. */
  delimiter: string | null;
  /** Folder that relative image paths start from, absolute once resolved; null: that of the list, or the folder that is read. */
  image_root: string | null;
  /** Pixels, the side of the square that the model sees. */
  image_size: number;
  /** Tokens, [CLS] and [SEP] included. */
  max_length: number;
  augment: AugmentConfig;
  features: FeaturesConfig;
  /** Share of images that may be unreadable before the run fails. */
  max_bad_fraction: number;
  /** Decoded images on disk; absolute once resolved. null: no cache. */
  cache_dir: string | null;
}

export interface AugmentConfig {
  /** Random resized crop: the smallest and largest share of the area; null: none. */
  crop: [number, number] | null;
  /** Probability of a horizontal flip. */
  flip: number;
  /** A flipped image's caption has "left" and "right" exchanged. */
  swap_left_right: boolean;
  /** Probability that a caption's word (not its first) is dropped; 0: never. */
  drop_word: number;
}

/** What is kept of frozen encoders. */
export interface FeaturesConfig {
  /** Augmented versions of each image and caption, which epochs take in turn; 1: as they are. */
  views: number;
  dtype: Experiment['data']['features']['dtype'];
}

type Model = Experiment['model'];

/** Encoders that train here. */
export type ImageEncoderName = Exclude<Model['image_encoder']['name'], 'auto'>;
export type TextEncoderName = Exclude<Model['text_encoder']['name'], 'auto'>;

/** Numbers that an exported encoder's weights are kept as. */
export type EncoderType = NonNullable<Model['image_encoder']['dtype']>;

export interface EncoderConfig<Name extends string> {
  /** `auto`: what the ONNX model in the weights' folder is. */
  name: Name;
  /** Folder (absolute once resolved) or hub id (`hf:owner/name`); null: random from the seed. */
  weights: string | null;
  /** `auto`: which of its files; null: the most exact. */
  dtype: EncoderType | null;
  /** Layers that do not learn have no gradient, and batch norm uses its running statistics there; the projection always learns. */
  train: Model['image_encoder']['train'];
}

export interface ModelConfig {
  /** Of a whole CLIP; then both encoders are `clip` without weights of their own, and the fusion is `late`. */
  weights: string | null;
  image_encoder: EncoderConfig<ImageEncoderName | 'auto'>;
  text_encoder: EncoderConfig<TextEncoderName | 'auto'> & {
    /** `cls`: the state of [CLS]; `mean`: the mean over real tokens. */
    pooling: Model['text_encoder']['pooling'];
    dropout: number;
  };
  fusion: FusionConfig;
}

export interface FusionConfig {
  kind: Model['fusion']['kind'];
  /** Transformer layers (early) or cross-attention layers (cross_attention). */
  layers: number;
  heads: number;
  /** Width of the shared space. */
  dim: number;
  /** early: negatives scored per pair, the hardest by pooled similarity. */
  hard_negatives: number;
}

export interface LossConfig {
  kind: Experiment['loss']['kind'];
  temperature: number;
  /** `model.weights` brings the temperature, and what stands in `temperature` is CLIP's own. */
  loaded: boolean;
  learn_temperature: boolean;
  /** Smallest temperature a learnt one may reach (CLIP clamps 1/T at 100). */
  min_temperature: number;
  /** sigmoid: what the bias of the logits starts at. */
  bias: number;
}

/** Where a run runs: no part of its config, since it changes nothing of what is learnt. */
export type Launcher = Experiment['launcher'];

export type Branch = keyof Experiment['optimizer']['learning_rate'];

export interface OptimizerConfig {
  kind: Experiment['optimizer']['kind'];
  /** Of an encoder: of its body. */
  learning_rate: Record<Branch, number>;
  /** Of the encoders' projections; null: as the fusion. */
  head_rate: Record<'image' | 'text', number | null>;
  /** Share of a layer's rate that the layer below has. */
  layer_decay: number;
  beta1: number;
  beta2: number;
  eps: number;
  weight_decay: number;
  /** null: no clipping. */
  clip_norm: number | null;
  clip_by: Experiment['optimizer']['clip_by'];
  schedule: ScheduleConfig;
  /** Non-finite steps in a row before the run fails as diverged. */
  max_skips: number;
}

export interface ScheduleConfig {
  kind: Experiment['optimizer']['schedule']['kind'];
  /** Steps. */
  warmup: number;
  /** Rate at the end, as a share of the peak. */
  final_fraction: number;
}

export type EngineName = Exclude<Experiment['train']['engine'], 'auto'>;

export interface TrainConfig {
  batch_size: number;
  /** Pairs that run through the encoders at a time; null: the whole batch. */
  micro_batch: number | null;
  /** Whole epochs asked for; null when the length was given in steps. */
  epochs: number | null;
  /** Length of the run in steps. */
  steps: number;
  steps_per_epoch: number;
  engine: Experiment['train']['engine'];
  /** ONNX Runtime execution provider: auto is the fastest that works, from a few steps. */
  provider: Experiment['train']['provider'];
  /** Compute threads; null: one per processor that may be used. */
  threads: number | null;
}

export interface EvalConfig {
  /** Steps between evaluations; the last step is always evaluated. */
  every: number;
  recall_at: number[];
  /** cross_attention and early: candidates by pooled similarity that are scored again by the fusion. */
  rerank: number;
}

export interface NotifyConfig {
  /** null: none. */
  webhook: Experiment['notify']['webhook'];
  /** Environment variable with the webhook's address. */
  url_env: string;
  /** Shell command; null: none. */
  command: string | null;
}

export interface CheckpointConfig {
  /** Steps between checkpoints; the last step always has one. */
  every: number;
  keep: number;
  /** The optimizer's state stays after the last step. */
  keep_optimizer: boolean;
  /** Metric whose best checkpoint is kept too; null: none. */
  best: string | null;
}
