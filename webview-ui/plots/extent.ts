import type { RunView } from '../../src/protocol/panel.ts';
import { xMap } from './x-axis.ts';
import type { XAxisName } from './x-axis.ts';

/** The whole x range of all curves of some runs, in the axis's unit; null when none of them knows the axis. */
export function extentOfRuns(runs: RunView[], axis: XAxisName): [number, number] | null {
  let min = Infinity;
  let max = -Infinity;
  for (const { state } of runs) {
    const map = state && xMap(axis, state);
    if (!state || !map) continue;
    for (const series of state.series.values()) {
      if (!series.length) continue;
      const column = series[map.column];
      min = Math.min(min, column[0]! * map.scale + map.offset);
      max = Math.max(max, column[series.length - 1]! * map.scale + map.offset);
    }
  }
  if (!(max >= min)) return null;
  return max > min ? [min, max] : [min - 0.5, max + 0.5];
}
