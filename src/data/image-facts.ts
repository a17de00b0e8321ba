import type { EqualImages } from './equal-images.ts';
import type { PairSet } from './pair-set.ts';
import type { Split } from './split.ts';

/** What images come to. What is absent could not be told. */
export interface ImageFacts {
  /** Images that stand on both sides of the split, and what makes them the same. */
  shared_images?: { count: number; by: 'path' | 'bytes' };
  /** Images of the list whose bytes another of its images has under another name. */
  repeated_images?: number;
  /** All images that were opened, at least two, have the same pixels. */
  images_all_alike?: boolean;
}

/** Of one list, divided by `split`. */
export function imageFacts(pairs: PairSet, split: Split, equal: EqualImages | null): ImageFacts {
  if (!equal || pairs.looked.size === 0) return {};
  const keys = equal.keys[0]!;
  const trainKeys = keysOf(pairs, split.train, keys);
  const valImages = new Set(Array.from(split.val, (pair) => pairs.imageId(pair)));
  return {
    ...inOneList(pairs, keys),
    ...shared(
      countWhere(valImages, (id) => trainKeys.has(keys.get(id) ?? '')),
      'bytes',
    ),
  };
}

/** Of a list to train on and another to validate on. */
export function imageFactsOfTwo(pairs: PairSet, val: PairSet, equal: EqualImages | null): ImageFacts {
  const files = new Set(imageFiles(pairs).values());
  const samePath = countWhere(imageFiles(val).values(), (file) => files.has(file));
  const [keys, valKeys] = equal?.keys ?? [];
  const found = keys && pairs.looked.size > 0 ? inOneList(pairs, keys) : {};
  if (samePath > 0 || !keys || !valKeys) return { ...found, ...shared(samePath, 'path') };
  const trainKeys = new Set(keys.values());
  return {
    ...found,
    ...shared(
      countWhere(valKeys.values(), (key) => trainKeys.has(key)),
      'bytes',
    ),
  };
}

function inOneList({ looked }: PairSet, keys: ReadonlyMap<number, string>): ImageFacts {
  const pixels = new Set([...looked.values()].map((look) => look.pixels));
  return {
    repeated_images: keys.size - new Set(keys.values()).size,
    images_all_alike: looked.size > 1 && pixels.size === 1,
  };
}

function shared(count: number, by: 'path' | 'bytes'): ImageFacts {
  return count > 0 ? { shared_images: { count, by } } : {};
}

function keysOf(pairs: PairSet, side: Int32Array, keys: ReadonlyMap<number, string>): Set<string> {
  const found = new Set<string>();
  for (const pair of side) {
    const key = keys.get(pairs.imageId(pair));
    if (key !== undefined) found.add(key);
  }
  return found;
}

/** Where each image lies: its file, or its name in a shard, which is the same only in the same shard. */
function imageFiles(pairs: PairSet): Map<number, string> {
  const found = new Map<number, string>();
  for (let pair = 0; pair < pairs.count; pair++) {
    const id = pairs.imageId(pair);
    if (!found.has(id))
      found.set(id, pairs.imageFile(pair) ?? `${pairs.files.join('\n')}\n${pairs.imageKey(pair)}`);
  }
  return found;
}

function countWhere<Thing>(things: Iterable<Thing>, holds: (thing: Thing) => boolean): number {
  let count = 0;
  for (const thing of things) if (holds(thing)) count++;
  return count;
}
