import { createColumns, pushPoint } from '../protocol/series.ts';
import type { Series } from '../protocol/series.ts';

/** A metric of several runs that differ in their seed: the mean, and from the lowest to the highest. */
export interface SeedBand {
  mean: Series;
  low: Series;
  high: Series;
}

/**
 * The band over some runs' curves of one metric. At each step that any of them has, over those that have it: a run that ended or has not
 * come so far has no say. Values that are not finite count for nothing; where there is no other, they stay what they are.
 */
export function seedBand(curves: readonly Series[]): SeedBand {
  const room = Math.max(1, ...curves.map(({ length }) => length));
  const band = { mean: createColumns(room), low: createColumns(room), high: createColumns(room) };
  const at = curves.map(() => 0);
  for (;;) {
    let step = Infinity;
    for (const [i, { steps, length }] of curves.entries())
      if (at[i]! < length) step = Math.min(step, steps[at[i]!]!);
    if (step === Infinity) return band;
    let time = Infinity;
    let [sum, count, low, high, odd] = [0, 0, Infinity, -Infinity, NaN];
    for (const [i, { steps, times, values, length }] of curves.entries()) {
      if (at[i]! >= length || steps[at[i]!] !== step) continue;
      const value = values[at[i]!]!;
      time = Math.min(time, times[at[i]!]!);
      at[i]!++;
      if (!Number.isFinite(value)) {
        odd = value;
        continue;
      }
      sum += value;
      count++;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    pushPoint(band.mean, step, time, count ? sum / count : odd);
    pushPoint(band.low, step, time, count ? low : odd);
    pushPoint(band.high, step, time, count ? high : odd);
  }
}
