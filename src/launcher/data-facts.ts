import type { DataFacts as CheckedFacts } from '../experiment/checks/facts.ts';
import type { RunConfig } from '../experiment/config.ts';
import { captionFacts, tokenFacts } from '../data/captions/caption-facts.ts';
import { localTokenizer } from '../data/captions/tokenizer-of.ts';
import { equalImages } from '../data/equal-images.ts';
import { imageFacts, imageFactsOfTwo } from '../data/image-facts.ts';
import { MachineFault } from '../data/machine-fault.ts';
import { type BadRow, type PairSet, readPairs } from '../data/pairs.ts';
import { smallestValFraction, type Split, splitPairs } from '../data/split.ts';
import { HumanError } from '../protocol/human-error.ts';
import { counted } from '../text/numbers.ts';
import { t } from '../text/say.ts';

/** What the pairs of a config come to. */
export interface DataFacts extends Omit<CheckedFacts, 'columns'> {
  /** null where the format has no columns. */
  columns: string[] | null;
  /** Rows that cannot be used: the first 1,000. */
  bad: BadRow[];
  bad_count: number;
  notes: string[];
}

/** Why a data set could not be read: the key that is to blame, and what is wrong. */
export interface DataFault {
  path: string;
  code: string;
  message: string;
  /** The columns that there are, when one is missing. */
  columns?: string[];
}

type DataOf = Pick<RunConfig, 'data' | 'model' | 'seed'>;

/** Reads data sets for checks and plans; each file once, however many runs of a sweep ask for it. */
export interface DataReader {
  /** Everything that the checks can use. */
  facts(config: DataOf): Promise<DataFacts | DataFault>;
  /** Only how many pairs there are to train on. */
  trainPairs(config: DataOf): Promise<number | DataFault>;
  close(): Promise<void>;
}

export function openDataReader(options: { checkImages?: boolean; signal?: AbortSignal } = {}): DataReader {
  const sets = new Map<string, Promise<PairSet>>();
  const read = (data: RunConfig['data'], pairs: string): Promise<PairSet> => {
    const { format, image_column, caption_column, delimiter, image_root, split_by } = data;
    const config = { pairs, format, image_column, caption_column, delimiter, image_root, split_by };
    const key = JSON.stringify(config);
    let set = sets.get(key);
    if (!set) sets.set(key, (set = readPairs(config, options)));
    return set;
  };
  const opened = async ({ data, seed }: DataOf): Promise<Opened | DataFault> => {
    const pairs = await orFault(read(data, data.pairs), 'data.pairs');
    if (isFault(pairs)) return pairs;
    if (data.val === null) return { pairs, val: null, split: splitPairs(pairs, { ...data, seed }) };
    const val = await orFault(read(data, data.val), 'data.val');
    return isFault(val) ? val : { pairs, val, split: { train: allOf(pairs), val: allOf(val) } };
  };
  return {
    async trainPairs(config) {
      const found = await opened(config);
      return isFault(found) ? found : found.split.train.length;
    },
    async facts(config) {
      const found = await opened(config);
      return isFault(found) ? found : factsOf(found, config, options);
    },
    async close() {
      for (const set of sets.values()) await set.then((one) => one.close()).catch(() => undefined);
    },
  };
}

async function orFault(
  reading: Promise<PairSet>,
  side: 'data.pairs' | 'data.val',
): Promise<PairSet | DataFault> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof HumanError) || error instanceof MachineFault) throw error;
    const path = side === 'data.pairs' ? (blamed[error.code] ?? side) : side;
    const { columns } = error as { columns?: string[] };
    return { path, code: error.code, message: error.message, ...(columns && { columns }) };
  }
}

export function isFault(found: object): found is DataFault {
  return 'message' in found;
}

/** The key that an error of `readPairs` is about, where it is not the file itself. */
const blamed: Record<string, string> = {
  missing_image_column: 'data.image_column',
  missing_caption_column: 'data.caption_column',
  missing_split_column: 'data.split_by',
};

interface Opened {
  pairs: PairSet;
  val: PairSet | null;
  split: Split;
}

async function factsOf(
  { pairs, val, split }: Opened,
  { data, model, seed }: DataOf,
  { checkImages, signal }: { checkImages?: boolean; signal?: AbortSignal },
): Promise<DataFacts> {
  const equal = checkImages ? await equalImages(val && val !== pairs ? [pairs, val] : [pairs], signal) : null;
  const tokenizer = await localTokenizer(model);
  const tokens = tokenizer && tokenFacts(pairs, tokenizer, data.max_length);
  const holdsOutNone = val === null && data.val_fraction > 0 && split.val.length === 0;
  const smallest = holdsOutNone ? smallestValFraction(pairs, seed) : null;
  const notes = [...pairs.notes];
  if (equal && !equal.isWhole)
    notes.push(
      t(
        'Images of the same bytes were looked for only among those that were opened and others of their length.',
      ),
    );
  if (tokens && tokens.looked < tokens.all)
    notes.push(
      t(
        '{0} different captions of {1} were tokenized, spread evenly.',
        counted(tokens.looked),
        counted(tokens.all),
      ),
    );
  return {
    rows: pairs.rows,
    usable: pairs.count,
    pictures: pairs.images,
    captions: pairs.captions,
    bad_pictures: pairs.sample?.bad ?? pairs.badImages,
    ...(pairs.sample && { looked_at_images: pairs.sample.images }),
    train_pairs: split.train.length,
    val_pairs: split.val.length,
    ...(smallest !== null && { smallest_val_fraction: smallest }),
    ...captionFacts(pairs),
    ...(tokens && { unknown_captions: tokens.unknown_captions, cut_captions: tokens.cut_captions }),
    ...(val ? imageFactsOfTwo(pairs, val, equal) : imageFacts(pairs, split, equal)),
    columns: pairs.columns,
    bad: pairs.bad,
    bad_count: pairs.badCount,
    notes,
  };
}

const allOf = (pairs: PairSet): Int32Array => Int32Array.from({ length: pairs.count }, (_, pair) => pair);
