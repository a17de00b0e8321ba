import { hashFraction } from './hash.ts';
import type { PairSet } from './pair-set.ts';

/** Any constant does: it makes the split's draws different from the draws of other things with the same seed. */
const salt = 'split';

export interface Split {
  /** Pairs of the set, in its order. */
  train: Int32Array;
  val: Int32Array;
}

/**
 * Divides pairs into training and validation. A pair's side depends on the seed and its key alone: rows may be added, removed or
 * reordered, and the others stay where they are. So the share is met on average, not exactly. Keys that share a picture go together,
 * under the first of them in order of letters: the same picture is never on both sides, whatever the split is by.
 */
export function splitPairs(pairs: PairSet, options: { val_fraction: number; seed: number }): Split {
  const keyOf = groupKeys(pairs);
  const isVal = new Map<string, boolean>();
  const train: number[] = [];
  const val: number[] = [];
  for (let pair = 0; pair < pairs.count; pair++) {
    const key = keyOf(pair);
    let side = isVal.get(key);
    if (side === undefined) {
      side = hashFraction(salt, options.seed, key) < options.val_fraction;
      isVal.set(key, side);
    }
    (side ? val : train).push(pair);
  }
  return { train: Int32Array.from(train), val: Int32Array.from(val) };
}

/** The key of a pair's group: its own, unless its picture has several keys. */
function groupKeys(pairs: PairSet): (pair: number) => string {
  const keyOfImage = new Map<number, string>();
  const parent = new Map<string, string>();
  const root = (key: string): string => {
    let at = key;
    for (let above = parent.get(at); above !== undefined; above = parent.get(at)) at = above;
    if (at !== key) parent.set(key, at);
    return at;
  };
  for (let pair = 0; pair < pairs.count; pair++) {
    const key = pairs.splitKey(pair);
    const imageId = pairs.imageId(pair);
    const other = keyOfImage.get(imageId);
    if (other === undefined) keyOfImage.set(imageId, key);
    else if (other !== key) {
      const [first, second] = [root(other), root(key)].sort() as [string, string];
      if (first !== second) parent.set(second, first);
    }
  }
  return (pair) => root(pairs.splitKey(pair));
}
