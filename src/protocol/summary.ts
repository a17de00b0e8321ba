import { readChance } from './chance.ts';
import { higherIsBetter, isOfSystem } from './metrics.ts';
import { toNumber } from './numbers.ts';
import type { MetricSummary } from './run.ts';
import { createColumns } from './series.ts';
import type { RunState } from './state.ts';

/**
 * The one rule of what is better, for trainer, command line, explorer, panel and report: NaN is never the best; an infinite value is only
 * where there is no finite one; of equal values the first stays.
 */
export function isBetter(metric: string, value: number, best: number | null): boolean {
  if (Number.isNaN(value)) return false;
  if (best === null || Number.isNaN(best)) return true;
  if (Number.isFinite(value) !== Number.isFinite(best)) return Number.isFinite(value);
  return higherIsBetter(metric) ? value > best : value < best;
}

/** The summary of a metric once this value has come after `before`. */
export function summarise(
  metric: string,
  value: number,
  step: number,
  before: MetricSummary | undefined,
): MetricSummary {
  if (!before) return { last: value, best: value, best_step: step, count: 1 };
  const count = before.count === undefined ? {} : { count: before.count + 1 };
  return isBetter(metric, value, before.best)
    ? { ...before, ...count, last: value, best: value, best_step: step }
    : { ...before, ...count, last: value };
}

/** Last and best value of a metric in its curve; null when it has no point. The same as `summarise` point by point. */
export function summaryOfMetric(metric: string, { series, chance }: RunState): MetricSummary | null {
  const { length, values, steps } = series.get(metric) ?? noSeries;
  if (length === 0) return null;
  const sign = higherIsBetter(metric) ? 1 : -1;
  let at = -1;
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    // Finite ones alone: Infinity - Infinity and NaN - NaN are NaN.
    if (value - value === 0 && (at < 0 || sign * value > sign * values[at]!)) at = i;
  }
  // Hardly ever: without a finite value one is taken in that is infinite, or NaN.
  if (at < 0) {
    at = 0;
    for (let i = 1; i < length; i++) if (isBetter(metric, values[i]!, values[at]!)) at = i;
  }
  return {
    last: values[length - 1]!,
    best: values[at]!,
    best_step: steps[at]!,
    count: length,
    ...(chance[metric] && { chance: chance[metric] }),
  };
}

const noSeries = createColumns(0);

/** The same of every metric that tells of the training: what `run.json` holds of it. */
export function summaryOf(state: RunState): Record<string, MetricSummary> {
  const summary: Record<string, MetricSummary> = {};
  for (const name of state.series.keys()) {
    if (isOfSystem(name)) continue;
    const found = summaryOfMetric(name, state);
    if (found) summary[name] = found;
  }
  return summary;
}

/** A summary as JSON has it, with its words for numbers that are not finite as numbers again. */
export function readSummary(written: unknown): Record<string, MetricSummary> {
  if (written === null || typeof written !== 'object') return {};
  const read = (metric: Partial<Record<keyof MetricSummary, unknown>>): MetricSummary => {
    const chance = readChance(metric.chance);
    return {
      last: toNumber(metric.last) ?? NaN,
      best: toNumber(metric.best) ?? NaN,
      best_step: typeof metric.best_step === 'number' ? metric.best_step : 0,
      ...(typeof metric.count === 'number' && { count: metric.count }),
      ...(chance && { chance }),
    };
  };
  return Object.fromEntries(
    Object.entries(written).map(([name, metric]) => [name, read((metric ?? {}) as object)]),
  );
}

/** Steps done: as the run's events say, else as run.json had it at its last heartbeat. */
export const stepOf = (events: { step: number } | null, file: { step: number } | null): number =>
  events?.step || file?.step || 0;

/** The last value of a metric, in its curve or else in the summary; undefined when it has none. */
export function lastValue(
  metric: string,
  state: RunState | null,
  summary?: Record<string, MetricSummary>,
): number | undefined {
  const series = state?.series.get(metric);
  return series?.length ? series.values[series.length - 1] : summary?.[metric]?.last;
}
