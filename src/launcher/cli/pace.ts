import type { RunState, Series } from '../../protocol/state.ts';

/** How fast a run goes, from its last steps; null while too little is known. */
export interface Pace {
  imagesPerS: number | null;
  /** Time to the last step at this pace. */
  leftMs: number | null;
}

/** Steps that a speed is averaged over. */
const recent = 20;

export function paceOf(state: RunState): Pace {
  const losses = state.series.get('train/loss');
  const started = state.started;
  if (!losses || !started) return { imagesPerS: null, leftMs: null };
  const first = firstStepAfter(losses, started.step);
  const last = losses.length - 1;
  const from = Math.max(first, last - recent);
  if (last - from < 1) return { imagesPerS: null, leftMs: null };
  const perStep = (a: number, b: number): number =>
    (losses.times[b]! - losses.times[a]!) / (losses.steps[b]! - losses.steps[a]!);
  return {
    imagesPerS: (1000 * started.batch_size) / Math.max(perStep(from, last), 1e-3),
    // Over the whole run so far, so that evaluations and checkpoints count as well.
    leftMs: perStep(first, last) * (started.steps - losses.steps[last]!),
  };
}

/** Index of the first point that the present trainer wrote. */
function firstStepAfter(series: Series, step: number): number {
  let index = series.length - 1;
  while (index > 0 && series.steps[index - 1]! > step) index--;
  return index;
}

/** The last value of a metric. */
export function lastValue(state: RunState, metric: string): number | undefined {
  const series = state.series.get(metric);
  return series && series.length > 0 ? series.values[series.length - 1] : undefined;
}
