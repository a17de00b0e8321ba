import type { RunConfig } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import { MachineFault } from '../data/machine-fault.ts';
import { type BadRow, type PairSet, readPairs } from '../data/pairs.ts';
import { leastFraction, splitPairs } from '../data/split.ts';

/** What the pairs of a config come to. */
export interface DataFacts {
  rows: number;
  /** Pairs that can be trained or validated on. */
  usable: number;
  pictures: number;
  captions: number;
  /** Different images that rows name and that cannot be read. */
  bad_pictures: number;
  /** The sample that `bad_pictures` was found in; absent: all images. */
  looked_at_images?: number;
  /** After the split. */
  train_pairs: number;
  val_pairs: number;
  /** The smallest val_fraction, in three decimals, that holds out a pair, where the one asked for holds out none. */
  smallest_val_fraction?: number;
  /** Rows that cannot be used: the first 1,000. */
  bad: BadRow[];
  bad_count: number;
  notes: string[];
  /** null where the format has no columns. */
  columns: string[] | null;
  /** Captions that say "left" or "right". */
  left_right: number;
}

/** Why a data set could not be read: the key that is to blame, and what is wrong. */
export interface DataFault {
  path: string;
  code: string;
  message: string;
  /** The columns that there are, when one is missing. */
  columns?: string[];
}

/** Reads data sets for checks and plans; each file once, however many runs of a sweep ask for it. */
export interface DataReader {
  facts(config: Pick<RunConfig, 'data' | 'seed'>): Promise<DataFacts | DataFault>;
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
  return {
    async facts({ data, seed }) {
      let side: 'data.pairs' | 'data.val' = 'data.pairs';
      try {
        const pairs = await read(data, data.pairs);
        if (data.val === null) return heldOut(pairs, data.val_fraction, seed);
        side = 'data.val';
        const val = await read(data, data.val);
        return factsOf(pairs, { train: { length: pairs.count }, val: { length: val.count } });
      } catch (error) {
        if (!(error instanceof HumanError) || error instanceof MachineFault) throw error;
        const path = side === 'data.pairs' ? (blamed[error.code] ?? side) : side;
        const { columns } = error as { columns?: string[] };
        return { path, code: error.code, message: error.message, ...(columns && { columns }) };
      }
    },
    async close() {
      for (const set of sets.values()) await set.then((one) => one.close()).catch(() => undefined);
    },
  };
}

export function isFault(found: DataFacts | DataFault): found is DataFault {
  return 'message' in found;
}

/** The key that an error of `readPairs` is about, where it is not the file itself. */
const blamed: Record<string, string> = {
  missing_image_column: 'data.image_column',
  missing_caption_column: 'data.caption_column',
  missing_split_column: 'data.split_by',
};

function heldOut(pairs: PairSet, val_fraction: number, seed: number): DataFacts {
  const facts = factsOf(pairs, splitPairs(pairs, { val_fraction, seed }));
  if (facts.val_pairs > 0 || val_fraction === 0 || pairs.count === 0) return facts;
  const smallest = Math.floor(leastFraction(pairs, seed) * 1000 + 1) / 1000;
  return smallest < 1 ? { ...facts, smallest_val_fraction: smallest } : facts;
}

function factsOf(pairs: PairSet, split: { train: { length: number }; val: { length: number } }): DataFacts {
  return {
    rows: pairs.rows,
    usable: pairs.count,
    pictures: pairs.images,
    captions: pairs.captions,
    bad_pictures: pairs.sample?.bad ?? pairs.badImages,
    ...(pairs.sample && { looked_at_images: pairs.sample.images }),
    train_pairs: split.train.length,
    val_pairs: split.val.length,
    bad: pairs.bad,
    bad_count: pairs.badCount,
    notes: pairs.notes,
    columns: pairs.columns,
    left_right: countLeftRight(pairs),
  };
}

function countLeftRight(pairs: PairSet): number {
  let count = 0;
  for (let pair = 0; pair < pairs.count; pair++) if (/\b(left|right)\b/i.test(pairs.caption(pair))) count++;
  return count;
}
