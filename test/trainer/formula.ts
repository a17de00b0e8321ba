import { sizeOf, type ParameterSpec } from '../../src/trainer/model/parameter.ts';

/** The numbers of test/reference/formula.py: a 32-bit hash of an array's name and the place in it, uniform in [-1, 1). */
export function uniform(name: string, size: number): Float64Array {
  const base = nameHash(name);
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let x = (Math.imul(i, 2654435761) + base) | 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x85ebca6b);
    x ^= x >>> 13;
    x = Math.imul(x, 0xc2b2ae35);
    x ^= x >>> 16;
    values[i] = (x >>> 0) / 2 ** 31 - 1;
  }
  return values;
}

export function array(name: string, size: number, scale = 1, shift = 0): Float32Array {
  const values = uniform(name, size);
  const result = new Float32Array(size);
  for (let i = 0; i < size; i++) result[i] = values[i]! * scale + shift;
  return result;
}

/** What `parameter` of formula.py gives to an array of that name and shape. */
export function parameter({ name, shape }: Pick<ParameterSpec, 'name' | 'shape'>): Float32Array {
  const size = sizeOf(shape);
  if (name.endsWith('running_var')) return array(name, size, 0.3, 1);
  if (name.endsWith('running_mean')) return array(name, size, 0.1);
  if (name.endsWith('bn3.weight')) return array(name, size, 0.1, 0.2);
  if (shape.length <= 1) return array(name, size, 0.2, name.endsWith('weight') ? 1 : 0);
  if (name.includes('embeddings')) return array(name, size, 0.5);
  return array(name, size, Math.sqrt(3 / (size / shape[0]!)) * (shape.length === 4 ? 1 : 0.5));
}

/** An array's norm and its products with two arrays of the formula. */
export function summary(name: string, values: ArrayLike<number>): [number, number, number] {
  const a = uniform(`probe a ${name}`, values.length);
  const b = uniform(`probe b ${name}`, values.length);
  let [square, withA, withB] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    square += values[i]! * values[i]!;
    withA += values[i]! * a[i]!;
    withB += values[i]! * b[i]!;
  }
  return [Math.sqrt(square), withA, withB];
}

/** Largest difference of two summaries, relative to the norm: what a random error of that relative size would make. */
export function summaryError(got: readonly number[], expected: readonly number[]): number {
  return Math.max(...got.map((value, i) => Math.abs(value - expected[i]!))) / Math.max(expected[0]!, 1e-30);
}

function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
