import { gradientSquares } from './adamw.ts';
import type { TrainableArrays } from './simd/trainable-arrays.ts';

/**
 * Rows of a large table (word embeddings) that no gradient has reached yet: their moments are zero, so an AdamW update only decays them. Knowing
 * them spares most of the work of an update, and changes no bit of its result.
 */
export interface IdleRows {
  width: number;
  /** 1 where both moments of the row are zero. */
  isIdle: Uint8Array;
  /** 1 where the gradient seen last is not zero. */
  isReached: Uint8Array;
}

/** Tables with fewer rows are updated whole. */
const fewestRows = 4096;

/** The idle rows of a table of this shape with these moments; null when it is no large table, or its rows no multiple of four numbers. */
export function idleRowsOf(
  shape: readonly number[],
  { first, second }: Pick<TrainableArrays, 'first' | 'second'>,
): IdleRows | null {
  const [rows, width] = shape as [number, number];
  if (shape.length !== 2 || rows < fewestRows || width % 4 !== 0) return null;
  const isIdle = new Uint8Array(rows).fill(1);
  for (const moments of [first, second])
    for (let i = 0; i < moments.length; i++) if (moments[i] !== 0) isIdle[Math.floor(i / width)] = 0;
  return { width, isIdle, isReached: new Uint8Array(rows) };
}

/** The sum of squares of a gradient of the table; remembers which rows it reaches. */
export function reachedSquareSum({ width, isReached }: IdleRows, arrays: TrainableArrays): number {
  let sum = 0;
  for (let row = 0; row < isReached.length; row++) {
    const squares = gradientSquares(arrays, row * width, (row + 1) * width);
    isReached[row] = Number(squares !== 0);
    sum += squares;
  }
  return sum;
}

/** Wakes the rows that the gradient reaches, and calls `visit` with the elements [start, end) of each longest stretch of rows that are idle, or are not. */
export function eachStretch(
  { width, isIdle, isReached }: IdleRows,
  visit: (start: number, end: number, isIdle: boolean) => void,
): void {
  let from = 0;
  for (let row = 0; row < isIdle.length; row++) isIdle[row]! &= 1 - isReached[row]!;
  for (let row = 1; row <= isIdle.length; row++) {
    if (row < isIdle.length && isIdle[row] === isIdle[from]) continue;
    visit(from * width, row * width, isIdle[from] === 1);
    from = row;
  }
}
