import { hashFraction } from '../text/hash.ts';
import type { PairSet } from './pair-set.ts';

/** Any constant does: it makes the split's draws different from the draws of other things with the same seed. */
const salt = 'val';

export interface SplitOptions {
  val_fraction: number;
  seed: number;
}

export interface Split {
  /** Pairs of the set, in its order. */
  train: Int32Array;
  val: Int32Array;
}

/**
 * Divides pairs into training and validation. A pair's side depends on the seed and its key alone: rows may be added, removed or
 * reordered, and the others stay where they are. So the share is met on average, not exactly. Keys that share an image go together,
 * under the first of them in order of letters: the same image is never on both sides, whatever the split is by. A set that says itself
 * which images are held out is divided so.
 */
export function splitPairs(pairs: PairSet, { val_fraction, seed }: SplitOptions): Split {
  if (pairs.heldOut) return asHeldOut(pairs, pairs.heldOut);
  const group = groups(pairs);
  /** By key: 0 not drawn yet, 1 training, 2 validation. */
  const sides = new Uint8Array(pairs.splitIdLimit);
  const train: number[] = [];
  const val: number[] = [];
  for (let pair = 0; pair < pairs.count; pair++) {
    const { id, key } = group(pair);
    if (sides[id] === 0) sides[id] = draw(seed, key()) < val_fraction ? 2 : 1;
    (sides[id] === 2 ? val : train).push(pair);
  }
  return { train: Int32Array.from(train), val: Int32Array.from(val) };
}

function asHeldOut({ count }: PairSet, heldOut: (pair: number) => boolean): Split {
  const all = Int32Array.from({ length: count }, (_, pair) => pair);
  return { train: all.filter((pair) => !heldOut(pair)), val: all.filter(heldOut) };
}

/** The smallest val_fraction, in three decimals, that holds out a pair; null: none below 1 does. */
export function smallestValFraction(pairs: PairSet, seed: number): number | null {
  const group = groups(pairs);
  const seen = new Uint8Array(pairs.splitIdLimit);
  let least = 1;
  for (let pair = 0; pair < pairs.count; pair++) {
    const { id, key } = group(pair);
    if (seen[id]) continue;
    seen[id] = 1;
    least = Math.min(least, draw(seed, key()));
  }
  // A pair is held out whose draw is below the fraction.
  const smallest = Math.floor(least * 1000 + 1) / 1000;
  return smallest < 1 ? smallest : null;
}

const draw = (seed: number, key: string): number => hashFraction(salt, seed, key);

interface Group {
  id: number;
  key: () => string;
}

/** The group of a pair: that of its key, unless its image has several keys, which are then one group. */
function groups(pairs: PairSet): (pair: number) => Group {
  const keyOfImage = new Int32Array(pairs.imageIdLimit).fill(-1);
  const pairOfKey = new Int32Array(pairs.splitIdLimit).fill(-1);
  const parent = Int32Array.from({ length: pairs.splitIdLimit }, (_, id) => id);
  const text = (id: number): string => pairs.splitKey(pairOfKey[id]!);
  const root = (id: number): number => {
    while (parent[id] !== id) id = parent[id] = parent[parent[id]!]!;
    return id;
  };
  for (let pair = 0; pair < pairs.count; pair++) {
    const id = pairs.splitId(pair);
    if (pairOfKey[id]! < 0) pairOfKey[id] = pair;
    const other = keyOfImage[pairs.imageId(pair)]!;
    if (other < 0) keyOfImage[pairs.imageId(pair)] = id;
    else if (root(other) !== root(id)) {
      const [a, b] = [root(other), root(id)];
      if (text(a) < text(b)) parent[b] = a;
      else parent[a] = b;
    }
  }
  return (pair) => {
    const id = root(pairs.splitId(pair));
    return { id, key: () => text(id) };
  };
}
