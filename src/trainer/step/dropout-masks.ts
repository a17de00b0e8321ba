import { hash32 } from '../../text/hash.ts';
import type { Device, RandomMask, TensorFunction, TensorSpec, Values } from '../engines/engine.ts';
import { sizeOf } from '../model/parameter.ts';
import { mapValues } from './map-values.ts';

/** Shapes of masks by their names. */
type Shapes = Readonly<Record<string, number[]>>;

/** Draws the dropout masks of a step, by (seed, step, place) alone, so that a resumed run draws the same. */
export interface DropoutMasks {
  /**
   * 0 with the probability, else 1 / (1 - probability). The arrays are used again by the next call. `part`: where the batch comes in parts of
   * these shapes, which of them, from 0; together they get what the whole batch would.
   */
  draw(shapes: Shapes, step: number, part?: number): Values;
  /** A number a mask, under its name, from which a function of `drawnOn` draws the same. */
  keys(shapes: Shapes, step: number, part?: number): Values;
  /** The function with masks that the device draws: in their places it takes keys. */
  drawnOn(device: Device, shapes: Shapes, fn: TensorFunction): TensorFunction;
}

/** What such a function takes in the place of masks. */
export const keySpecs = (shapes: Shapes): Record<string, TensorSpec> =>
  mapValues(shapes, () => ({ shape: [1], dtype: 'int32' }));

export function dropoutMasks(probability: number, seed: number): DropoutMasks {
  const buffers = new Map<string, Float32Array>();
  const maskOf = (shape: readonly number[]): RandomMask => ({
    shape,
    increment,
    limit: Math.floor(probability * 0x1_0000_0000),
    kept: 1 / (1 - probability),
  });
  const keyOf = (name: string, shape: readonly number[], step: number, part: number): number =>
    (hash32('dropout', seed, step, name) + Math.imul(increment, part * sizeOf(shape))) | 0;
  return {
    draw: (shapes, step, part = 0) =>
      mapValues(shapes, (shape, name) => {
        const size = sizeOf(shape);
        let mask = buffers.get(name);
        if (mask?.length !== size) buffers.set(name, (mask = new Float32Array(size)));
        fill(mask, keyOf(name, shape, step, part), maskOf(shape));
        return mask;
      }),
    keys: (shapes, step, part = 0) =>
      mapValues(shapes, (shape, name) => Int32Array.of(keyOf(name, shape, step, part))),
    drawnOn: (device, shapes, fn) => (inputs) => {
      const masks = mapValues(shapes, (shape, name) => device.randomMask(inputs[name]!, maskOf(shape)));
      return fn({ ...inputs, ...masks });
    },
  };
}

/** Odd, so that the states of 2^32 numbers all differ. */
const increment = 0x6d2b79f5;

/**
 * A sum, three squares and exchanges of halves (B. Widynski, "Squares: A Fast Counter-Based RNG", 2020, on 32 bits): what WebGPU's operators can
 * do as well, which know no "exclusive or".
 */
function fill(mask: Float32Array, key: number, { limit, kept }: RandomMask): void {
  let state = key;
  for (let i = 0; i < mask.length; i++) {
    state = (state + increment) | 0;
    let x = (Math.imul(state, state) + state) | 0;
    x = (x << 16) | (x >>> 16);
    x = (Math.imul(x, x) + state) | 0;
    x = (x << 16) | (x >>> 16);
    mask[i] = (Math.imul(x, x) + state) >>> 0 < limit ? 0 : kept;
  }
}
