import type { Values } from '../engines/engine.ts';

/** Features of captions as `states` and `mask`, for a batch of `rows` captions of `length` rows each. */
export function padFeatures(
  captions: readonly Float32Array[],
  width: number,
  rows: number,
  length: number,
): Values {
  const states = new Float32Array(rows * length * width);
  const mask = new Float32Array(rows * length);
  for (let row = 0; row < rows; row++) {
    const features = captions[row];
    if (features) states.set(features, row * length * width);
    mask.fill(1, row * length, row * length + (features ? features.length / width : 1));
  }
  return { states, mask };
}

/** Token ids as `token_ids` and `mask` likewise. */
export function padTokens(captions: readonly Int32Array[], rows: number, length: number): Values {
  const tokenIds = new Int32Array(rows * length);
  const mask = new Float32Array(rows * length);
  for (let row = 0; row < rows; row++) {
    const ids = captions[row];
    if (ids) tokenIds.set(ids, row * length);
    mask.fill(1, row * length, row * length + (ids?.length ?? 1)); // a row beyond the captions: one token, so that nothing divides by 0
  }
  return { token_ids: tokenIds, mask };
}
