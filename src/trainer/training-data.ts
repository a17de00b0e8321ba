import type { RunConfig } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import { tooManyBad } from '../data/images/bad-images.ts';
import { dataFingerprint } from '../data/fingerprint.ts';
import type { FrozenInputs } from '../data/frozen-inputs.ts';
import { createLoader, type Loader } from '../data/loader.ts';
import type { PairSet } from '../data/pair-set.ts';
import { readPairs } from '../data/pairs.ts';
import { splitPairs } from '../data/split.ts';
import type { Encoders } from './weights/prepare.ts';
import type { ValidationSet } from './evaluation/evaluate.ts';
import { said } from '../text/say.ts';

/** What a run learns from and is evaluated on. */
export interface TrainingData {
  pairs: PairSet;
  trainPairs: number;
  valPairs: number;
  /** Tells whether pairs and images are those of an earlier time; see `changeOfData`. */
  fingerprint: string;
  train: Loader;
  /** null when nothing is held out. */
  validation: ValidationSet | null;
  close(): Promise<void>;
}

/** What loaders know of the encoders. */
export interface LoaderInputs extends Pick<Encoders, 'tokenizer' | 'preprocessing'> {
  /** Features in the place of images or captions, where an encoder is frozen. */
  frozen?: FrozenInputs | null;
}

/** Reads the pairs and divides them; HumanError when there are fewer training pairs than one batch. */
export async function openTrainingData(config: RunConfig, inputs: LoaderInputs): Promise<TrainingData> {
  const opened: { close(): Promise<void> }[] = [];
  const open = <T extends { close(): Promise<void> }>(thing: T): T => (opened.unshift(thing), thing);
  const close = async (): Promise<void> => {
    for (const thing of opened) await thing.close();
  };
  try {
    return { ...(await openWith(config, inputs, open)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** `open` is told of each thing that must be closed, in the order in which they come. */
async function openWith(
  config: RunConfig,
  inputs: LoaderInputs,
  open: <T extends { close(): Promise<void> }>(thing: T) => T,
): Promise<Omit<TrainingData, 'close'>> {
  const { data, seed } = config;
  const { batch_size: batchSize } = config.train;
  const pairs = open(await readPairs(data));
  refuseTooManyBad(pairs, data.max_bad_fraction);
  const valFile = data.val === null ? null : open(await readPairs({ ...data, pairs: data.val }));
  const split = valFile ? { train: allOf(pairs), val: allOf(valFile) } : divided(pairs, config);
  if (split.train.length < batchSize)
    throw new HumanError(
      said(
        '{0} has {1} training pairs, fewer than one batch of {2}.',
        data.pairs,
        split.train.length,
        batchSize,
      ),
      said('Set train.batch_size to {0} or less, or add pairs.', split.train.length),
      'batch_larger_than_data',
    );
  const common = { config: data, batchSize, ...inputs, seed };
  const train = open(createLoader({ ...common, pairs, indices: split.train, train: true }));
  const validation = split.val.length > 0 ? validationSet(valFile ?? pairs, split.val, config, inputs) : null;
  if (validation) open(validation.images);
  return {
    pairs,
    trainPairs: split.train.length,
    valPairs: split.val.length,
    fingerprint: await dataFingerprint(valFile ? [pairs, valFile] : [pairs]),
    train,
    validation,
  };
}

/** Images that the loader finds later count as well; these are known at once. */
function refuseTooManyBad(pairs: PairSet, maxFraction: number): void {
  const examples = pairs.bad
    .filter(({ code }) => code === 'bad_image')
    .map(({ file, line, reason }) => ({ name: line === null ? file : `${file}:${line}`, reason }));
  const failure = tooManyBad(pairs.badImages, pairs.images + pairs.badImages, maxFraction, examples);
  if (failure) throw failure;
}

/** The validation side of a run's data alone; null when nothing is held out. Closed by its pairs and images. */
export async function openValidation(config: RunConfig, inputs: LoaderInputs): Promise<ValidationSet | null> {
  const { data } = config;
  const pairs = await readPairs(data.val === null ? data : { ...data, pairs: data.val });
  const indices = data.val === null ? divided(pairs, config).val : allOf(pairs);
  if (indices.length > 0) return validationSet(pairs, indices, config, inputs);
  await pairs.close();
  return null;
}

function divided(pairs: PairSet, { data, seed }: RunConfig): { train: Int32Array; val: Int32Array } {
  return splitPairs(pairs, { val_fraction: data.val_fraction, seed });
}

/** Pairs of a list as an evaluation takes them. */
export function validationSet(
  pairs: PairSet,
  indices: Int32Array,
  config: RunConfig,
  inputs: LoaderInputs,
): ValidationSet {
  const { seed } = config;
  const { batch_size: batchSize } = config.train;
  const seen = new Set<number>();
  const firstOfImage = indices.filter((pair) => {
    const id = pairs.imageId(pair);
    return !seen.has(id) && seen.add(id);
  });
  return {
    pairs,
    indices,
    images: createLoader({
      pairs,
      indices: firstOfImage,
      config: config.data,
      batchSize,
      // Named one by one: a finished model, which has more than these, is passed here too.
      tokenizer: inputs.tokenizer,
      preprocessing: inputs.preprocessing,
      frozen: inputs.frozen ?? null,
      seed,
      train: false,
    }),
    tokenizer: inputs.tokenizer,
    maxLength: config.data.max_length,
    batchSize,
    lossKind: config.loss.kind,
    seed,
  };
}

/** The places of all pairs of a list. */
export const allOf = (pairs: PairSet): Int32Array =>
  Int32Array.from({ length: pairs.count }, (_, pair) => pair);
