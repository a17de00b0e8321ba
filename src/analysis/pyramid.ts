import { forgotten, smoothOn } from './smoothing.ts';
import type { SmoothingState } from './smoothing.ts';
import { lookAtValues, nothing } from './pyramid-extremes.ts';
import { bad, block, gap, raise, withRoom } from './pyramid-levels.ts';
import type { Level, Pyramid } from './pyramid-levels.ts';

/** Takes up `values` from where the pyramid ends up to, not including, `to`. */
export function extendPyramid(pyramid: Pyramid, values: ArrayLike<number>, to: number): void {
  const first = Math.floor(pyramid.length / block);
  const last = Math.ceil(to / block);
  takeValues(withRoom(pyramid, 0, last), values, first, last, to, pyramid.positiveOnly);
  raise(pyramid, to);
}

/**
 * The same for a column and its smoothed one at once, from a place where a block begins to one where a block ends: `smooth` is over
 * `smoothed`, which is filled on the way. Each value is looked at once.
 */
export function extendSmoothed(
  raw: Pyramid,
  smooth: Pyramid,
  state: SmoothingState,
  values: Float64Array,
  smoothed: Float32Array,
  to: number,
): void {
  const last = to / block;
  const level = withRoom(raw, 0, last);
  const smoothLevel = withRoom(smooth, 0, last);
  for (let index = raw.length / block; index < last; index++) {
    if (takeUsual(level, smoothLevel, index, state, values, smoothed)) continue;
    smoothOn(state, values, index * block, (index + 1) * block, smoothed);
    takeValues(level, values, index, index + 1, to, raw.positiveOnly);
    takeValues(smoothLevel, smoothed, index, index + 1, to, smooth.positiveOnly);
  }
  raise(raw, to);
  raise(smooth, to);
}

/** A block of which all values are drawn, far enough from where the mean began; false, and nothing is changed but what is made anew, for others. */
function takeUsual(
  level: Level,
  smoothLevel: Level,
  index: number,
  state: SmoothingState,
  values: Float64Array,
  smoothed: Float32Array,
): boolean {
  const { weight, isLog, count } = state;
  if (weight ** count >= forgotten) return false;
  const share = 1 - weight;
  let { mean } = state;
  let low = Infinity;
  let high = -Infinity;
  let smoothLow = Infinity;
  let smoothHigh = -Infinity;
  for (let i = index * block, end = i + block; i < end; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
    mean += share * ((isLog ? Math.log(value) : value) - mean);
    const kept = Math.fround(mean);
    smoothed[i] = kept;
    if (kept < smoothLow) smoothLow = kept;
    if (kept > smoothHigh) smoothHigh = kept;
  }
  // One value that is not finite, or has no logarithm, and so is the mean from there on.
  if (mean - mean !== 0) return false;
  state.mean = mean;
  state.count = count + block;
  level.low[index] = low;
  level.high[index] = high;
  level.gaps[index] = 0;
  smoothLevel.low[index] = smoothLow;
  smoothLevel.high[index] = smoothHigh;
  smoothLevel.gaps[index] = 0;
  return true;
}

function takeValues(
  level: Level,
  values: ArrayLike<number>,
  first: number,
  last: number,
  to: number,
  positiveOnly: boolean,
): void {
  for (let index = first; index < last; index++) {
    const from = index * block;
    const end = Math.min(from + block, to);
    let low = Infinity;
    let high = -Infinity;
    let odd = 0;
    for (let i = from; i < end; i++) {
      const value = values[i]!;
      // Infinity - Infinity and NaN - NaN are NaN: one value that is not finite makes the sum NaN.
      odd += value - value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    let gaps = 0;
    if (odd !== 0 || (positiveOnly && low <= 0)) {
      const found = nothing();
      lookAtValues(found, values, from, end, positiveOnly);
      ({ low, high } = found);
      gaps = (found.firstGap ? gap : 0) | (found.bad ? bad : 0);
    }
    level.low[index] = low;
    level.high[index] = high;
    level.gaps[index] = gaps;
  }
}
