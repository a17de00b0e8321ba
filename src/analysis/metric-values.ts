import { higherIsBetter } from '../protocol/metrics.ts';
import type { RunView } from '../protocol/panel.ts';
import type { Series } from '../protocol/state.ts';

/** Best and last finite value of each of a run's metrics: from its curves when they are there, else from its summary. */
export function bestAndLast(run: RunView): Record<string, { best: number; last: number }> {
  const values: Record<string, { best: number; last: number }> = {};
  for (const [name, { best, last }] of Object.entries(run.file?.summary ?? {})) values[name] = { best, last };
  for (const [name, series] of run.state?.series ?? []) {
    const found = ofSeries(series, higherIsBetter(name));
    if (found) values[name] = found;
  }
  return values;
}

function ofSeries(series: Series, higher: boolean): { best: number; last: number } | null {
  let best = NaN;
  let last = NaN;
  for (let i = 0; i < series.length; i++) {
    const value = series.values[i]!;
    if (!Number.isFinite(value)) continue;
    last = value;
    if (!(higher ? value <= best : value >= best)) best = value;
  }
  return Number.isFinite(last) ? { best, last } : null;
}

/** Whether a name is worth choosing settings by: what is measured, not what was set or how fast it went. */
export const isResult = (metric: string): boolean =>
  !/learning_rate|(^|\/)lr\b|grad_norm|clip_factor|pairs_per_s|data_wait|(^|\/)epoch$|temperature/.test(
    metric,
  );

/** Metrics that all of the runs could be compared by, the most telling first. */
export function resultMetrics(runs: RunView[]): string[] {
  const names = new Set(runs.flatMap((run) => Object.keys(bestAndLast(run))).filter(isResult));
  const rank = (name: string): number =>
    /^val\/recall@/.test(name)
      ? 0
      : name === 'val/loss'
        ? 1
        : name.startsWith('val/')
          ? 2
          : name === 'train/loss'
            ? 3
            : 4;
  const k = (name: string): number => Number(/@(\d+)/.exec(name)?.[1] ?? 0);
  return [...names].sort((a, b) => rank(a) - rank(b) || k(b) - k(a) || a.localeCompare(b));
}
