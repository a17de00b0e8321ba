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
const FEWEST_ROWS = 4096;

/** The idle rows of a table of this shape with these moments; null when it is no large table. */
export function idleRowsOf(
  shape: readonly number[],
  first: Float32Array,
  second: Float32Array,
): IdleRows | null {
  const [rows, width] = shape as [number, number];
  if (shape.length !== 2 || rows < FEWEST_ROWS) return null;
  const isIdle = new Uint8Array(rows);
  const [bits1, bits2] = [bitsOf(first), bitsOf(second)];
  for (let row = 0; row < rows; row++)
    isIdle[row] = Number(isZero(bits1, row * width, width) && isZero(bits2, row * width, width));
  return { width, isIdle, isReached: new Uint8Array(rows) };
}

/** The sum of squares of a gradient of the table, whose rows of zeros are skipped; remembers which rows it reaches. */
export function reachedSquareSum(
  { width, isReached }: IdleRows,
  gradient: Float32Array,
  squareSum: (values: Float32Array, start: number, end: number) => number,
): number {
  const bits = bitsOf(gradient);
  let sum = 0;
  for (let row = 0; row < isReached.length; row++) {
    const start = row * width;
    isReached[row] = Number(!isZero(bits, start, width));
    if (isReached[row] === 1) sum += squareSum(gradient, start, start + width);
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

/** The bits of the numbers: an OR over them is the fastest test for zeros (a -0 counts as something, which does no harm). */
const bitsOf = (values: Float32Array): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.length);

function isZero(bits: Int32Array, start: number, count: number): boolean {
  let some = 0;
  let more = 0;
  const end = start + count;
  let i = start;
  for (; i + 3 < end; i += 4) {
    some |= bits[i]! | bits[i + 1]!;
    more |= bits[i + 2]! | bits[i + 3]!;
  }
  for (; i < end; i++) some |= bits[i]!;
  return (some | more) === 0;
}
