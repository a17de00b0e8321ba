import { Candidates } from '../trainer/evaluation/candidates.ts';

export interface Nearest {
  /** Rows with the largest dot products, largest first. */
  places: Int32Array;
  similarities: Float32Array;
  /** Of all rows. */
  mean: number;
  deviation: number;
}

/** The `top` rows of `rows` [n, dim] that are nearest to `query` [dim] by dot product, all of them compared. */
export function nearest(rows: Float32Array, dim: number, query: Float32Array, top: number): Nearest {
  const products = dotProducts(rows, dim, query);
  const candidates = new Candidates(1, Math.min(top, products.length));
  let sum = 0;
  let squares = 0;
  for (let row = 0; row < products.length; row++) {
    const value = products[row]!;
    candidates.offer(0, row, value);
    sum += value;
    squares += value * value;
  }
  const count = Math.max(1, products.length);
  const places = products.length > 0 ? candidates.of(0) : new Int32Array(0);
  return {
    places,
    similarities: Float32Array.from(places, (row) => products[row]!),
    mean: sum / count,
    deviation: Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)),
  };
}

/** Each row's dot product with the query; four sums at a time, so that one addition need not wait for the last. */
export function dotProducts(rows: Float32Array, dim: number, query: Float32Array): Float32Array {
  const count = dim === 0 ? 0 : rows.length / dim;
  const products = new Float32Array(count);
  const whole = dim - (dim % 4);
  for (let row = 0, start = 0; row < count; row++, start += dim) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < whole; i += 4) {
      a += rows[start + i]! * query[i]!;
      b += rows[start + i + 1]! * query[i + 1]!;
      c += rows[start + i + 2]! * query[i + 2]!;
      d += rows[start + i + 3]! * query[i + 3]!;
    }
    for (let i = whole; i < dim; i++) a += rows[start + i]! * query[i]!;
    products[row] = a + b + c + d;
  }
  return products;
}
