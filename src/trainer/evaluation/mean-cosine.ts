/**
 * Mean cosine between different rows of vectors [n, dim]: near 1 when all have collapsed to one, NaN for fewer than two. Of rows with
 * the same id only the first counts. With s the sum of the n unit vectors it is (|s|^2 - n) / (n (n - 1)): no pair is looked at.
 */
export function meanCosineOf(vectors: Float32Array, dim: number, ids?: Int32Array): number {
  const sum = new Float64Array(dim);
  const seen = new Set<number>();
  let count = 0;
  for (let row = 0; row * dim < vectors.length; row++) {
    if (ids && seen.has(ids[row]!)) continue;
    if (ids) seen.add(ids[row]!);
    const vector = vectors.subarray(row * dim, (row + 1) * dim);
    let square = 0;
    for (const value of vector) square += value * value;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let i = 0; i < dim; i++) sum[i]! += vector[i]! * scale;
    count++;
  }
  if (count < 2) return NaN;
  let square = 0;
  for (const value of sum) square += value * value;
  return (square - count) / (count * (count - 1));
}
