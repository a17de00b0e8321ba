import type { Similarities } from '../../src/trainer/evaluation/ranks.ts';

/** A whole matrix [rows, columns] given out in blocks, whose parts beyond the matrix hold values that must not count. */
export function inBlocks(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  side: number,
): Similarities {
  return {
    rows,
    columns,
    side,
    block: (row, column) =>
      Promise.resolve(
        Float32Array.from({ length: side * side }, (_, at) => {
          const i = row + Math.floor(at / side);
          const t = column + (at % side);
          return i < rows && t < columns ? matrix[i * columns + t]! : 1e9;
        }),
      ),
  };
}

export const rowOf = (matrix: Float32Array, columns: number, i: number): Float32Array =>
  matrix.slice(i * columns, (i + 1) * columns);

export const columnOf = (matrix: Float32Array, columns: number, t: number): Float32Array =>
  Float32Array.from({ length: matrix.length / columns }, (_, i) => matrix[i * columns + t]!);
