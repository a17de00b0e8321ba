import { hash32 } from '../../text/hash.ts';
import type { Values } from '../engines/engine.ts';
import { sizeOf } from '../model/parameter.ts';

/** Draws the dropout masks of a step, by (seed, step, place) alone, so that a resumed run draws the same. */
export interface DropoutMasks {
  /**
   * 0 with the probability, else 1 / (1 - probability). The arrays are used again by the next call. `part`: where the batch comes in parts of
   * these shapes, which of them, from 0; together they get what the whole batch would.
   */
  draw(shapes: Record<string, number[]>, step: number, part?: number): Values;
}

export function dropoutMasks(probability: number, seed: number): DropoutMasks {
  const buffers = new Map<string, Float32Array>();
  const limit = probability * 0x1_0000_0000;
  const kept = 1 / (1 - probability);
  return {
    draw(shapes, step, part = 0) {
      const masks: Values = {};
      for (const [name, shape] of Object.entries(shapes)) {
        const size = sizeOf(shape);
        let mask = buffers.get(name);
        if (mask?.length !== size) buffers.set(name, (mask = new Float32Array(size)));
        fill(mask, hash32('dropout', seed, step, name), part * size, limit, kept);
        masks[name] = mask;
      }
      return masks;
    },
  };
}

const weyl = 0x6d2b79f5;

/** Weyl sequence from its number `from` on, through a 32-bit mixer (mulberry32): a few nanoseconds a number. */
function fill(mask: Float32Array, seed: number, from: number, limit: number, kept: number): void {
  let state = (seed + Math.imul(weyl, from)) | 0;
  for (let i = 0; i < mask.length; i++) {
    state = (state + weyl) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    mask[i] = (t ^ (t >>> 14)) >>> 0 < limit ? 0 : kept;
  }
}
