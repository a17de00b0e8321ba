import { duration } from '../../src/text/durations.ts';
import { exactNumber } from '../../src/text/numbers.ts';
import { clockTicks, durationTicks, linearTicks } from '../../src/analysis/ticks.ts';
import type { Tick } from '../../src/analysis/ticks.ts';
import type { RunState } from '../../src/protocol/state.ts';
import { t, language } from '../../src/text/say.ts';

export type XAxisName = 'step' | 'epoch' | 'relative' | 'wall';

export const xAxes = (): { value: XAxisName; label: string }[] => [
  { value: 'step', label: t('step') },
  { value: 'epoch', label: t('epoch') },
  { value: 'relative', label: t('time since start') },
  { value: 'wall', label: t('time of day') },
];

export const axisName = (axis: XAxisName): string => xAxes().find(({ value }) => value === axis)!.label;

/** How a curve's own column becomes what the axis shows: `shown = column * scale + offset`. */
export interface XMap {
  column: 'steps' | 'times';
  scale: number;
  offset: number;
}

/** null: the run does not know this axis (a log without epochs). */
export function xMap(axis: XAxisName, state: RunState): XMap | null {
  if (axis === 'step') return { column: 'steps', scale: 1, offset: 0 };
  if (axis === 'wall') return { column: 'times', scale: 1, offset: 0 };
  if (axis === 'epoch') {
    const perEpoch = state.started?.steps_per_epoch;
    return perEpoch ? { column: 'steps', scale: 1 / perEpoch, offset: 0 } : null;
  }
  return { column: 'times', scale: 1, offset: -startOf(state) };
}

/** Unix ms of a run's first point: a resumed run goes on counting, its pause included. */
function startOf(state: RunState): number {
  let first = Infinity;
  for (const series of state.series.values()) if (series.length) first = Math.min(first, series.times[0]!);
  return Number.isFinite(first) ? first : (state.started?.time ?? 0);
}

export function xTicks(axis: XAxisName, min: number, max: number, target: number): Tick[] {
  if (axis === 'relative') return durationTicks(min, max, target);
  if (axis === 'wall') return clockTicks(min, max, target);
  if (axis === 'epoch') return linearTicks(min, max, target);
  // There is no half step, however few are shown.
  return linearTicks(min, max, Math.min(target, max - min)).filter(({ value }) => Number.isInteger(value));
}

/** A place on the axis in words: `step 412`, `1 h 12 m`. */
export function xWords(axis: XAxisName, x: number): string {
  if (axis === 'relative') return duration(x);
  if (axis === 'wall')
    return new Date(x).toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'medium' });
  if (axis === 'step') return t('step {0}', exactNumber(Math.round(x)));
  return t('epoch {0}', exactNumber(Number(x.toFixed(3))));
}
