import { byteSize, shortNumber, rounded } from '../../text/numbers.ts';
import { largestBatch } from './largest-batch.ts';
import { isUnread, type Finding, type View } from './finding.ts';
import type { Experiment } from '../schema/schema.ts';
import { largestMicroBatch, trainingBytes } from './memory.ts';
import { t } from '../../text/say.ts';

/** Batch size: negatives, batch norm, the data, memory. */
export function checkBatch(view: View): Finding[] {
  return [...checkData(view), ...checkNegatives(view), ...checkBatchNorm(view), ...checkMemory(view)];
}

const path = 'train.batch_size';

function checkData(view: View): Finding[] {
  const { experiment, facts } = view;
  const { batch_size } = experiment.train;
  if (isUnread(view, 'train')) return [];
  const { usable, train_pairs } = facts.data ?? {};
  if (train_pairs === undefined || train_pairs >= batch_size) return [];
  const most = largestBatch(train_pairs);
  return [
    {
      severity: 'error',
      code: 'batch_larger_than_data',
      message: t(
        'There is no full batch: {0} usable pairs, {1} for training, batch {2}.',
        usable ?? train_pairs,
        train_pairs,
        batch_size,
      ),
      paths: [path, 'data.pairs'],
      value: batch_size,
      fixes: train_pairs >= 2 ? [{ set: path, to: String(most) }] : [],
    },
  ];
}

/** Larger batches that the data fill, whole micro-batches where there are such. */
const largerBatches = ({ experiment, facts }: View, ...sizes: number[]) => {
  const { micro_batch: micro } = experiment.train;
  return sizes
    .filter((size) => size <= (facts.data?.train_pairs ?? Infinity))
    .filter((size) => typeof micro !== 'number' || size % micro === 0)
    .map((size) => ({ set: path, to: String(size) }));
};

function checkNegatives(view: View): Finding[] {
  const { experiment } = view;
  const { batch_size } = experiment.train;
  if (batch_size >= 32) return [];
  return [
    {
      severity: 'warning',
      code: 'few_negatives',
      message: t(
        'A batch of {0} gives each pair only {1} negatives: guessing already has a loss of {2} and a right answer 1 time in {0}, so there is little to learn from. 64 and more is usual, 256 SimCLR’s smallest.',
        batch_size,
        batch_size - 1,
        shortNumber(Math.log(batch_size)),
      ),
      paths: [path],
      value: batch_size,
      fixes: largerBatches(view, 32, 64),
    },
  ];
}

function checkBatchNorm(view: View): Finding[] {
  const { experiment } = view;
  const { micro_batch } = experiment.train;
  const batch_size = typeof micro_batch === 'number' ? micro_batch : experiment.train.batch_size;
  const isMicro = batch_size < experiment.train.batch_size;
  const { name, train, weights } = experiment.model.image_encoder;
  if (batch_size >= 16 || train === 'frozen' || !name.startsWith('resnet')) return [];
  if (isUnread(view, 'model.image_encoder.name')) return [];
  return [
    {
      severity: 'warning',
      code: 'batch_norm_small_batch',
      message: t(
        '{0} normalises by the mean and variance of the {1}, and {2} images give poor estimates of them (below 16 accuracy falls: Wu and He, 2018). Use a larger {1}{3}.',
        name,
        isMicro ? t('micro-batch') : t('batch'),
        batch_size,
        weights === null ? '' : t(', or freeze the image encoder'),
      ),
      paths: [isMicro ? 'train.micro_batch' : path],
      value: batch_size,
      fixes: [
        ...(isMicro ? largerParts(experiment) : largerBatches(view, 32)),
        // Frozen at random it would learn nothing.
        ...(weights === null ? [] : [{ set: 'model.image_encoder.train', to: 'frozen' }]),
      ],
    },
  ];
}

/** Micro-batches of 16 pairs or more that divide the batch, and each that is swept. */
function largerParts({ sweep, train }: Experiment) {
  const batches = [train.batch_size, ...(sweep?.values['train.batch_size'] ?? []).map(Number)];
  return [16, 32]
    .filter((size) => size < train.batch_size && batches.every((batch) => batch % size === 0))
    .map((size) => ({ set: 'train.micro_batch', to: String(size) }));
}

function checkMemory(view: View): Finding[] {
  const { experiment, facts } = view;
  const { memory_bytes } = facts;
  const names = ['model.image_encoder.name', 'model.text_encoder.name'];
  if (memory_bytes === undefined || names.some((name) => isUnread(view, name))) return [];
  const { batch_size, micro_batch } = experiment.train;
  if (micro_batch === 'auto') return [];
  const micro = Math.min(micro_batch ?? batch_size, batch_size);
  const needed = trainingBytes(experiment, batch_size, micro);
  if (needed <= memory_bytes) return [];
  const parts = largestMicroBatch(experiment, memory_bytes);
  let fits = batch_size;
  while (fits > 2 && trainingBytes(experiment, fits) > memory_bytes) fits = Math.max(2, fits >> 1);
  const isEarly = experiment.model.fusion.kind === 'early';
  return [
    {
      severity: 'warning',
      code: isEarly ? 'early_fusion_memory' : 'batch_memory',
      message: t(
        '{0} of {1}{2} needs about {3}, and {4} can be used here{5}.',
        isEarly
          ? t(
              'Early fusion runs {0} × {1} pairs (each right one with {2} hard negatives either way) through its transformer: a batch',
              batch_size,
              1 + 2 * experiment.model.fusion.hard_negatives,
              experiment.model.fusion.hard_negatives,
            )
          : t('A batch'),
        batch_size,
        micro < batch_size ? t(' in micro-batches of {0}', micro) : '',
        byteSize(rounded(needed, 2)),
        byteSize(rounded(memory_bytes, 2)),
        micro === batch_size && fits < batch_size ? t('; {0} would fit', fits) : '',
      ),
      paths: [path, 'model.fusion.kind', 'model.image_encoder.name'],
      value: batch_size,
      fixes: [
        ...(canBeParted(experiment) &&
        parts !== null &&
        parts !== micro &&
        trainingBytes(experiment, batch_size, parts) <= memory_bytes
          ? [{ set: 'train.micro_batch', to: 'auto' }]
          : []),
        // Below 32 there would be too few negatives.
        ...(fits < batch_size && fits >= 32 && (micro_batch === null || fits % micro_batch === 0)
          ? [{ set: path, to: String(fits) }]
          : []),
        ...(isEarly && trainingBytes(late(experiment), batch_size) <= memory_bytes
          ? [{ set: 'model.fusion.kind', to: 'late' }]
          : []),
      ],
    },
  ];
}

/** Neither the file nor its sweep has early fusion, which takes whole batches only. */
const canBeParted = ({ model, sweep }: Experiment): boolean =>
  ![model.fusion.kind, ...(sweep?.values['model.fusion.kind'] ?? [])].includes('early');

const late = (experiment: Experiment): Experiment => ({
  ...experiment,
  model: { ...experiment.model, fusion: { ...experiment.model.fusion, kind: 'late' } },
});
