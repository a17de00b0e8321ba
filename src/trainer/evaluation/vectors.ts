import type { ImageRows } from '../../data/image-input.ts';

/** Vectors of n images. */
export interface ImageVectors {
  count: number;
  dim: number;
  /** [n, dim] */
  pooled: Float32Array;
  /** [n, regions, width]; null when the fusion scores pairs by their pooled vectors alone. */
  regions: Float32Array | null;
}

/** Vectors of n captions. */
export interface TextVectors {
  count: number;
  dim: number;
  pooled: Float32Array;
  /** Per caption its token states [length, width], without padding; null as above. */
  tokens: Float32Array[] | null;
}

/** Vectors of several batches as those of one. */
export function joinImages(parts: readonly ImageVectors[]): ImageVectors {
  return {
    count: parts.reduce((sum, part) => sum + part.count, 0),
    dim: parts[0]?.dim ?? 0,
    pooled: joined(parts.map((part) => part.pooled)),
    regions: parts[0]?.regions ? joined(parts.map((part) => part.regions!)) : null,
  };
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The values with zeros up to a size. */
export function padded(values: Float32Array, size: number): Float32Array;
export function padded(values: ImageRows, size: number): ImageRows;
export function padded(values: ImageRows, size: number): ImageRows {
  if (values.length === size) return values;
  const larger = values instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);
  larger.set(values);
  return larger;
}
