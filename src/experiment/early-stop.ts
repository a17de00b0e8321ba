import { durationInSteps, type RunLength } from './schema/duration.ts';
import type { Experiment } from './schema/schema.ts';

/** How the runs of a sweep are stopped early, for one of them. */
export interface EarlyStopping {
  /** Metric of evaluations. */
  metric: string;
  /** One of that many runs goes on at each rung. */
  reduction: number;
  /** Steps of this run at which it is compared with the others, rising; none of them is its last. */
  rungs: number[];
}

/** Early stopping of an experiment's sweep for a run of some length; null without. */
export function earlyStopping({ sweep, checkpoint }: Experiment, length: RunLength): EarlyStopping | null {
  if (!sweep?.stop_early) return null;
  const { metric, reduction, min } = sweep.stop_early;
  const rungs: number[] = [];
  for (let rung = Math.max(1, durationInSteps(min, length)); rung < length.steps; rung *= reduction)
    rungs.push(rung);
  return { metric: metric ?? checkpoint.best ?? 'val/loss', reduction, rungs };
}
