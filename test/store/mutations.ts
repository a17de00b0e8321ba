/** Numbers from 0 to below 1, the same each time for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A copy of a file's bytes as a disk or a transfer might damage it: some changed, a piece missing, twice there or zeroed. */
export function damagedCopy(bytes: Buffer, seed: number): Buffer {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const copy = Buffer.from(bytes);
  // Headers are where a single byte does most.
  const place = (): number => (random() < 0.5 ? below(Math.min(copy.length, 200)) : below(copy.length));
  const at = place();
  const length = 1 + below(32);
  switch (below(5)) {
    case 0:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    case 1:
      return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]);
    case 2:
      return copy.fill(0, at, at + length);
    default:
      for (let count = 1 + below(4); count > 0; count--) copy[place()] = below(256);
      return copy;
  }
}
