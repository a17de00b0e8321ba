import type { Branch, RunConfig } from './config.ts';
import { bodyRate, headRate, isClip, isLoaded, lossOf } from './derived.ts';
import { durationInSteps, type RunLength } from './schema/duration.ts';
import { absolutePath } from './paths.ts';
import { largestMicroBatch } from './checks/memory.ts';
import type { Experiment } from './schema/schema.ts';
import { numberText } from '../text/numbers.ts';

export const defaultEpochs = 20;

export interface ResolveContext {
  /** Pairs that are trained on, after the split. */
  trainPairs: number;
  /** Absolute folder of the experiment file. */
  baseDir: string;
  /** Dotted keys that the file (or a trial) sets; without it a default's reason is written for values that equal their default. */
  explicit?: ReadonlySet<string>;
  /** Name of runs when the file gives none. */
  name?: string;
  /** Bytes of memory that the run may use, for what is chosen by it. */
  memoryBytes?: number | undefined;
  /** Absolute folder for decoded images when the file gives none. */
  cacheDir?: string;
}

/**
 * The config of one run: defaults that depend on other keys, durations in steps, absolute paths, and why. An epoch is `floor(trainPairs / batch_size)`
 * steps: an incomplete batch at its end is left out (at least one step, also where the pairs are fewer than a batch, which `checkExperiment` reports).
 */
export function resolveConfig(experiment: Experiment, context: ResolveContext): RunConfig {
  const reasons: Record<string, string> = {};
  const { trainPairs } = context;
  const { train, data, optimizer } = experiment;
  const stepsPerEpoch = Math.max(1, Math.floor(trainPairs / train.batch_size));
  const epochs = train.steps === null ? (train.epochs ?? defaultEpochs) : null;
  const steps = train.steps ?? epochs! * stepsPerEpoch;
  if (epochs !== null && train.epochs === null)
    reasons['train.epochs'] = `neither epochs nor steps is given: ${defaultEpochs}`;
  if (epochs !== null)
    reasons['train.steps'] =
      `${epochs} epochs of ${stepsPerEpoch} steps (${trainPairs} training pairs, batch ${train.batch_size})`;
  const length: RunLength = { steps, stepsPerEpoch, batchSize: train.batch_size };
  const every = (path: string, written: string | number): number => {
    const found = Math.min(Math.max(1, durationInSteps(written, length)), Math.max(steps, 1));
    if (typeof written === 'string') reasons[path] = `${written} is ${found} steps`;
    return found;
  };
  const warmup = Math.max(0, durationInSteps(optimizer.schedule.warmup, length));
  if (typeof optimizer.schedule.warmup === 'string')
    reasons['optimizer.schedule.warmup'] = `${optimizer.schedule.warmup} is ${warmup} steps`;
  if (data.val !== null)
    reasons['data.val_fraction'] = 'data.val is given: nothing is held out of data.pairs';

  return {
    name: context.name !== undefined && !context.explicit?.has('name') ? context.name : experiment.name,
    seed: experiment.seed,
    ...resolvePaths(experiment, context),
    loss: lossOf(experiment),
    optimizer: {
      ...optimizer,
      learning_rate: learningRates(experiment, reasons),
      head_rate: {
        image: headRate(optimizer.learning_rate.image),
        text: headRate(optimizer.learning_rate.text),
      },
      schedule: { ...optimizer.schedule, warmup },
    },
    train: {
      ...train,
      micro_batch: microBatch(experiment, context.memoryBytes, reasons),
      epochs,
      steps,
      steps_per_epoch: stepsPerEpoch,
    },
    eval: { ...experiment.eval, every: every('eval.every', experiment.eval.every) },
    checkpoint: { ...experiment.checkpoint, every: every('checkpoint.every', experiment.checkpoint.every) },
    notify: { ...experiment.notify },
    reasons,
  };
}

function microBatch(
  experiment: Experiment,
  memoryBytes: number | undefined,
  reasons: Record<string, string>,
): number | null {
  const { batch_size, micro_batch } = experiment.train;
  if (micro_batch !== 'auto') return micro_batch;
  const found = largestMicroBatch(experiment, memoryBytes ?? Infinity);
  reasons['train.micro_batch'] =
    found === null
      ? `auto: memory holds the whole batch of ${batch_size}`
      : `auto: ${found} at a time are the most that memory holds`;
  return found;
}

/** The sections that name files and folders, with absolute paths; they need to know nothing of the data. */
export function resolvePaths(
  { data, model }: Pick<Experiment, 'data' | 'model'>,
  { baseDir, cacheDir, explicit }: Pick<ResolveContext, 'baseDir' | 'cacheDir' | 'explicit'>,
): Pick<RunConfig, 'data' | 'model'> {
  const place = (path: string | null): string | null => (path === null ? null : absolutePath(baseDir, path));
  const pairs = absolutePath(baseDir, data.pairs);
  const hasOwnCache = cacheDir === undefined || explicit?.has('data.cache_dir');
  return {
    data: {
      ...data,
      pairs,
      val: place(data.val),
      val_fraction: data.val === null ? data.val_fraction : 0,
      image_root: place(data.image_root),
      cache_dir: hasOwnCache ? place(data.cache_dir) : cacheDir,
    },
    model: {
      weights: place(model.weights),
      image_encoder: { ...model.image_encoder, weights: place(model.image_encoder.weights) },
      text_encoder: { ...model.text_encoder, weights: place(model.text_encoder.weights) },
      fusion: { ...model.fusion },
    },
  };
}

/** Peak rate of each branch; where the file gives none, the one that fits how the encoder starts. */
export function learningRates(
  experiment: Experiment,
  reasons: Record<string, string> = {},
): Record<Branch, number> {
  const given = experiment.optimizer.learning_rate;
  const rate = (branch: Branch, otherwise: number, why: string): number => {
    const written = bodyRate(given[branch]);
    if (written !== undefined) return written;
    reasons[`optimizer.learning_rate.${branch}`] = `${why}: ${numberText(otherwise)}`;
    return otherwise;
  };
  const encoder = (branch: 'image' | 'text', otherwise: number, why: string): number =>
    isLoaded(experiment, branch) && isClip(experiment, branch)
      ? rate(branch, 1e-5, `the ${branch} encoder starts from CLIP’s weights, which larger steps destroy`)
      : rate(branch, otherwise, why);
  const isWhole = experiment.model.weights !== null;
  return {
    image: isLoaded(experiment, 'image')
      ? encoder('image', 1e-4, 'the image encoder starts from loaded weights, which 1e-3 would destroy')
      : rate('image', 1e-3, 'the image encoder starts from scratch'),
    text: isLoaded(experiment, 'text')
      ? encoder('text', 2e-5, 'the text encoder starts from loaded weights, BERT’s fine-tuning rate')
      : rate(
          'text',
          5e-4,
          'the text encoder starts from scratch, and would not learn at the 2e-5 of fine-tuning',
        ),
    fusion: isWhole
      ? rate('fusion', 1e-5, 'the projections are loaded with the encoders')
      : rate('fusion', 1e-3, 'projections and fusion layers start from scratch'),
    scale: isWhole
      ? rate('scale', 1e-5, 'the logit scale is loaded with the encoders')
      : rate('scale', 1e-3, 'the logit scale is one new number, as the fusion'),
  };
}
