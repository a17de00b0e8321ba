import type { Series } from '../protocol/state.ts';

/** Two metrics of a run at the steps where both were recorded. */
export interface MetricPairs {
  steps: number[];
  x: number[];
  y: number[];
}

/** The values of two series at their common steps, in order; where one is not finite there is none. */
export function metricPairs(xSeries: Series, ySeries: Series): MetricPairs {
  const pairs: MetricPairs = { steps: [], x: [], y: [] };
  let [i, j] = [0, 0];
  while (i < xSeries.length && j < ySeries.length) {
    const [a, b] = [xSeries.steps[i]!, ySeries.steps[j]!];
    if (a < b) i++;
    else if (b < a) j++;
    else {
      const [x, y] = [xSeries.values[i++]!, ySeries.values[j++]!];
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      pairs.steps.push(a);
      pairs.x.push(x);
      pairs.y.push(y);
    }
  }
  return pairs;
}
