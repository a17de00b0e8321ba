import { Candidates } from '../trainer/evaluation/candidates.ts';

export interface Nearest {
  /** Rows with the largest dot products, largest first. */
  places: Int32Array;
  similarities: Float32Array;
  /** Of all rows. */
  mean: number;
  deviation: number;
}

/** The `top` rows that are nearest to a query by their dot products with it, all of them compared. */
export function nearest(products: Float32Array, top: number): Nearest {
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
