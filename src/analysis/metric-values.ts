import { resultsOf } from '../protocol/metrics.ts';
import type { RunView } from '../protocol/panel.ts';
import type { MetricSummary } from '../protocol/run.ts';
import { summaryOf } from '../protocol/summary.ts';

/** Best and last value of each of a run's metrics: from its curves when they are there, else from its summary. */
export const bestAndLast = (run: RunView): Record<string, MetricSummary> => ({
  ...run.file?.summary,
  ...(run.state && summaryOf(run.state)),
});

/** Metrics that some of the runs could be compared by, the most telling first. */
export const resultMetrics = (runs: RunView[]): string[] =>
  resultsOf(
    runs.flatMap((run) => [...Object.keys(run.file?.summary ?? {}), ...(run.state?.series.keys() ?? [])]),
  );
