import { stat } from 'node:fs/promises';
import pLimit from 'p-limit';
import { evenly } from './evenly.ts';
import { contentKey } from './inspect.ts';
import type { PairSet } from './pair-set.ts';

/** Images that are read because they are as long as one that was looked at. */
const readUpTo = 2000;
/** Files that are looked at at once. */
const atOnce = 256;

/** Images of several sets that were compared, and which of them have the same bytes. */
export interface EqualImages {
  /** By set: the images that were compared, by id, with a key that is the same for the same bytes. */
  keys: Map<number, string>[];
  /** Every image of every set was compared. */
  isWhole: boolean;
}

/**
 * Compares the bytes of images. Those that were opened when the sets were read are compared with one another, and, where there are more, with
 * the other files of the same length: only these are read, at most 2,000.
 */
export async function equalImages(sets: readonly PairSet[], signal?: AbortSignal): Promise<EqualImages> {
  const keys = sets.map(({ looked }) => new Map([...looked].map(([id, { bytes }]) => [id, bytes] as const)));
  const rest = sets.map((set, index) =>
    set.images > keys[index]!.size ? firstPairs(set, keys[index]!) : [],
  );
  if (rest.every(({ length }) => length === 0)) return { keys, isWhole: true };

  const lengths = new Set(sets.flatMap(({ looked }) => [...looked.values()].map(({ length }) => length)));
  const alike: { set: number; pair: number }[] = [];
  for (const [index, set] of sets.entries())
    for (let from = 0; from < rest[index]!.length; from += atOnce) {
      signal?.throwIfAborted();
      const some = rest[index]!.slice(from, from + atOnce);
      const found = await Promise.all(some.map((pair) => lengthOf(set, pair)));
      for (const [i, pair] of some.entries())
        if (found[i] !== null && lengths.has(found[i]!)) alike.push({ set: index, pair });
    }
  const limit = pLimit(8);
  await Promise.all(
    evenly(alike, readUpTo).map(({ set, pair }) =>
      limit(async () => {
        signal?.throwIfAborted();
        // One that cannot be read is found when it is used.
        const bytes = await sets[set]!.loadImage(pair).catch(() => null);
        if (bytes) keys[set]!.set(sets[set]!.imageId(pair), contentKey(bytes));
      }),
    ),
  );
  return { keys, isWhole: false };
}

/** The first pair of each image that has no key yet. */
function firstPairs(set: PairSet, known: ReadonlyMap<number, string>): number[] {
  const seen = new Uint8Array(set.imageIdLimit);
  const pairs: number[] = [];
  for (let pair = 0; pair < set.count; pair++) {
    const id = set.imageId(pair);
    if (!seen[id] && !known.has(id)) pairs.push(pair);
    seen[id] = 1;
  }
  return pairs;
}

/** null: not a file of its own. */
async function lengthOf(set: PairSet, pair: number): Promise<number | null> {
  const file = set.imageFile(pair);
  if (file === null) return null;
  return stat(file).then(
    ({ size }) => size,
    () => null,
  );
}
