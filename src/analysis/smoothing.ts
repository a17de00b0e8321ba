/** Where an exponential mean stands: enough to go on with the next value. */
export interface SmoothingState {
  /** Weight of the past, 0 (as it is) to below 1. */
  weight: number;
  /** Whether logarithms are averaged: the mean that looks like one on a log axis. */
  isLog: boolean;
  /** Finite values taken so far. */
  count: number;
  mean: number;
}

/**
 * Debiased exponential moving average: the mean of the values so far, each older one weighing `weight` times less. The same as
 * `m = w m + (1 - w) v; m / (1 - w^n)`, written as a step towards the value, so that a constant stays exactly what it is.
 * Values that are not finite, and for `isLog` those that have no logarithm, come out as they are and do not count. Returns
 * `values.length` numbers.
 */
export function smooth(values: ArrayLike<number>, weight: number, isLog = false): Float64Array {
  const smoothed = new Float64Array(values.length);
  smoothOn({ weight, isLog, count: 0, mean: 0 }, values, 0, values.length, smoothed);
  if (isLog)
    for (let i = 0; i < smoothed.length; i++) {
      const [mean, value] = [smoothed[i]!, values[i]!];
      // A constant stays what it is, which it would not to the last bit by its logarithm and back.
      smoothed[i] = mean !== mean || mean === Math.log(value) ? value : Math.exp(mean);
    }
  return smoothed;
}

/**
 * From here on 1 - past is exactly 1, and the mean needs no correction. Multiplied on, it would end as a number too small for the
 * processor to be fast with, and every step would take ten times as long.
 */
export const forgotten = 1e-17;

/**
 * Goes on with `values[from]` up to, not including, `values[to]`, and writes to the same places of `smoothed`: for `isLog` the mean
 * logarithms (few of them are ever drawn, and their powers take as long as all the rest), NaN where there is none.
 */
export function smoothOn(
  state: SmoothingState,
  values: ArrayLike<number>,
  from: number,
  to: number,
  smoothed: Float64Array | Float32Array,
): void {
  const { weight, isLog } = state;
  const share = 1 - weight;
  let { count, mean } = state;
  let past = weight ** count;
  for (let i = from; i < to; i++) {
    const measured = values[i]!;
    const value = isLog ? Math.log(measured) : measured;
    // Not finite: Infinity - Infinity and NaN - NaN are NaN. Nor is the logarithm of zero or less.
    if (value - value !== 0) {
      smoothed[i] = isLog ? NaN : measured;
      continue;
    }
    if (past < forgotten) mean += share * (value - mean);
    else {
      past *= weight;
      mean = count === 0 ? value : mean + (share / (1 - past)) * (value - mean);
    }
    count++;
    smoothed[i] = mean;
  }
  state.count = count;
  state.mean = mean;
}
