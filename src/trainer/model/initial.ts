import { rng } from '../../data/hash.ts';
import { sizeOf, type Arrays, type ParameterSpec } from './parameter.ts';

/** Fresh arrays for the specs: each drawn from (seed, its name) alone, so that a change of one leaves the others as they were. */
export function initialArrays(specs: readonly ParameterSpec[], seed: number): Arrays {
  return Object.fromEntries(specs.map((spec) => [spec.name, initialArray(spec, seed)]));
}

function initialArray({ name, shape, initial }: ParameterSpec, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  if (initial.kind === 'constant') return values.fill(initial.value);
  const random = rng('initial', seed, name);
  if (initial.kind === 'uniform') {
    for (let i = 0; i < values.length; i++) values[i] = (2 * random.next() - 1) * initial.bound;
    return values;
  }
  for (let i = 0; i < values.length; i++) values[i] = random.normal() * initial.std;
  if (initial.zeroRow !== undefined) {
    const width = values.length / shape[0]!;
    values.fill(0, initial.zeroRow * width, (initial.zeroRow + 1) * width);
  }
  return values;
}
