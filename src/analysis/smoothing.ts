/** Where an exponential mean stands: enough to go on with the next value. */
export interface SmoothingState {
  /** Weight of the past, 0 (as it is) to below 1. */
  weight: number;
  /** Finite values taken so far. */
  count: number;
  mean: number;
}

/**
 * Debiased exponential moving average: the mean of the values so far, each older one weighing `weight` times less. The same as
 * `m = w m + (1 - w) v; m / (1 - w^n)`, written as a step towards the value, so that a constant stays exactly what it is.
 * Values that are not finite come out as they are and do not count. Returns `values.length` numbers.
 */
export function smooth(values: ArrayLike<number>, weight: number): Float64Array {
  const smoothed = new Float64Array(values.length);
  smoothOn({ weight, count: 0, mean: 0 }, values, 0, values.length, smoothed);
  return smoothed;
}

/**
 * From here on 1 - past is exactly 1, and the mean needs no correction. Multiplied on, it would end as a number too small for the
 * processor to be fast with, and every step would take ten times as long.
 */
const forgotten = 1e-17;

/** Goes on with `values[from]` up to, not including, `values[to]`, and writes to the same places of `smoothed`. */
export function smoothOn(
  state: SmoothingState,
  values: ArrayLike<number>,
  from: number,
  to: number,
  smoothed: Float64Array | Float32Array,
): void {
  const { weight } = state;
  let { count, mean } = state;
  let past = weight ** count;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    // Not finite: Infinity - Infinity and NaN - NaN are NaN.
    if (value - value !== 0) {
      smoothed[i] = value;
      continue;
    }
    count++;
    if (past < forgotten) mean += (1 - weight) * (value - mean);
    else {
      past *= weight;
      mean = count === 1 ? value : mean + ((1 - weight) / (1 - past)) * (value - mean);
    }
    smoothed[i] = mean;
  }
  state.count = count;
  state.mean = mean;
}
