import { endedAtChance } from '../protocol/chance.ts';
import { recallK, resultsOf } from '../protocol/metrics.ts';
import type { RunView } from '../protocol/panel.ts';
import type { MetricSummary } from '../protocol/run.ts';
import { isActive } from '../protocol/run-status.ts';
import { isBetter, summaryOf, summaryOfMetric } from '../protocol/summary.ts';

/** Best and last value of each of a run's metrics: from its curves when they are there, else from its summary. */
export const bestAndLast = (run: RunView): Record<string, MetricSummary> => ({
  ...run.file?.summary,
  ...(run.state && summaryOf(run.state)),
});

/** The same of one metric; null when the run has no value of it. */
export const metricOf = (run: RunView, metric: string): MetricSummary | null =>
  (run.state && summaryOfMetric(metric, run.state)) ?? run.file?.summary[metric] ?? null;

/**
 * Whether the run ended with the recalls of a model that has learnt nothing. These have few points: a long run's other curves need not be
 * looked through.
 */
export function isAtChance(run: RunView): boolean {
  if (isActive(run.status)) return false;
  const recalls = resultMetrics([run]).filter((metric) => recallK(metric) !== null);
  return endedAtChance(
    run.status,
    Object.fromEntries(recalls.map((metric) => [metric, metricOf(run, metric)!])),
  );
}

/** The run with the best value of a metric; one that diverged is none. */
export function bestRun(runs: RunView[], metric: string): { run: RunView; value: MetricSummary } | null {
  let best: { run: RunView; value: MetricSummary } | null = null;
  for (const run of runs) {
    const value = run.status === 'diverged' ? null : metricOf(run, metric);
    if (value && isBetter(metric, value.best, best?.value.best ?? null)) best = { run, value };
  }
  return best;
}

/** Metrics that some of the runs could be compared by, the most telling first. */
export const resultMetrics = (runs: RunView[]): string[] =>
  resultsOf(
    runs.flatMap((run) => [...Object.keys(run.file?.summary ?? {}), ...(run.state?.series.keys() ?? [])]),
  );

/** Metrics that runs are compared by: with logs of other programs among them, those that all have. */
export function comparedMetrics(runs: RunView[]): string[] {
  const metrics = resultMetrics(runs);
  const isKnown = (run: RunView, metric: string): boolean =>
    run.state?.series.has(metric) || run.file?.summary[metric] !== undefined;
  return runs.some(({ foreign }) => foreign)
    ? metrics.filter((metric) => runs.every((run) => isKnown(run, metric)))
    : metrics;
}
