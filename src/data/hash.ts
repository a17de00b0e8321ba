import { hash32 } from '../text/hash.ts';

/** Generators and orders drawn from `hash32`: the same on every machine and version of Node. */
export interface Random {
  /** Uniform in 0 to 2^32 - 1. */
  uint32(): number;
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform integer in [0, limit), without bias. */
  int(limit: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
}

/** A generator (sfc32, 128 bits of state) seeded by any parts. */
export function rng(...seed: readonly (number | string)[]): Random {
  let a = hash32('a', ...seed);
  let b = hash32('b', ...seed);
  let c = hash32('c', ...seed);
  let counter = 1;
  let spare: number | null = null;

  const uint32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();

  const next = (): number => uint32() / 0x1_0000_0000;
  const int = (limit: number): number => {
    const rest = 0x1_0000_0000 % limit;
    for (;;) {
      const value = uint32();
      if (value < 0x1_0000_0000 - rest) return value % limit;
    }
  };
  const normal = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log((uint32() + 1) / 0x1_0000_0001));
    const angle = 2 * Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uint32, next, int, normal };
}

/** The numbers 0 to count - 1 in a random order (Fisher-Yates). */
export function permutation(count: number, ...seed: readonly (number | string)[]): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const random = rng(...seed);
  for (let i = count - 1; i > 0; i--) {
    const j = random.int(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}
