/**
 * Randomness that depends on its seed alone: same parts, same numbers, on every machine and version of Node.
 * Everything random in a run is drawn from here, seeded by what it is for (`hash32(seed, epoch, key)`), so that no
 * generator's state has to be kept over a resume.
 */

/** A well mixed 32-bit hash of numbers (integers up to 2^53) and strings (their UTF-16 units), in order: 0 to 2^32 - 1. */
export function hash32(...parts: readonly (number | string)[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    if (typeof part === 'number') {
      hash = mixed(hash, part | 0);
      hash = mixed(hash, Math.floor(part / 0x1_0000_0000) | 0);
    } else {
      for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x0100_0193);
      hash = mixed(hash, part.length);
    }
  }
  return finished(hash);
}

/** A number in [0, 1) from `hash32`. */
export function hashFraction(...parts: readonly (number | string)[]): number {
  return hash32(...parts) / 0x1_0000_0000;
}

/** One round of MurmurHash3. */
function mixed(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e_2d51);
  k = (k << 15) | (k >>> 17);
  hash ^= Math.imul(k, 0x1b87_3593);
  hash = (hash << 13) | (hash >>> 19);
  return (Math.imul(hash, 5) + 0xe654_6b64) | 0;
}

/** MurmurHash3's finalizer: every bit of the input changes half of the output's. */
function finished(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
