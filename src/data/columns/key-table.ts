import { createHash } from 'node:crypto';

/** A 96-bit hash: for a million images the chance that any two share one is about 10^-17. */
export type Key = readonly [number, number, number];

export function keyOf(content: string | Uint8Array): Key {
  const digest = createHash('sha1').update(content).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8)];
}

/** A map from 96-bit keys to numbers >= 0, in one typed array: 16 bytes a place, at most two places in three taken. */
export class KeyTable {
  private places = new Uint32Array(4 * 64);
  private size = 0;

  get bytes(): number {
    return this.places.byteLength;
  }

  /** The number of a key, or -1. */
  get(key: Key): number {
    return this.places[this.find(key) + 3]! - 1;
  }

  set(key: Key, value: number): void {
    if (this.size * 3 > (this.places.length / 4) * 2) this.grow();
    const at = this.find(key);
    if (this.places[at + 3] === 0) this.size++;
    this.places.set(key, at);
    this.places[at + 3] = value + 1;
  }

  /** Where the key stands, or the free place for it. Keys are hashes already: their bits choose the place. */
  private find(key: Key): number {
    const { places } = this;
    const mask = places.length / 4 - 1;
    for (let place = key[0] & mask; ; place = (place + 1) & mask) {
      const at = place * 4;
      if (places[at + 3] === 0) return at;
      if (places[at] === key[0] && places[at + 1] === key[1] && places[at + 2] === key[2]) return at;
    }
  }

  private grow(): void {
    const old = this.places;
    this.places = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 4)
      if (old[at + 3] !== 0)
        this.places.set(old.subarray(at, at + 4), this.find([old[at]!, old[at + 1]!, old[at + 2]!]));
  }
}
