import { clipFactor } from '../protocol/metrics.ts';
import type { RunState } from '../protocol/state.ts';

const normOf = /^train\/grad_norm\/(.+)$/;

/** Largest finite gradient norm of each branch. */
export function largestNorm(state: RunState): Record<string, number> {
  const norms: Record<string, number> = {};
  for (const [name, series] of state.series) {
    const branch = normOf.exec(name)?.[1];
    if (!branch) continue;
    let largest = -Infinity;
    for (let i = 0; i < series.length; i++) {
      const value = series.values[i]!;
      if (value > largest && value < Infinity) largest = value;
    }
    if (largest > -Infinity) norms[branch] = largest;
  }
  return norms;
}

/** Share of steps whose gradient was made shorter; null when the run does not say. */
export function clippedShare(state: RunState): number | null {
  const factor = state.series.get(clipFactor);
  if (!factor?.length) return null;
  let clipped = 0;
  let counted = 0;
  for (let i = 0; i < factor.length; i++) {
    const value = factor.values[i]!;
    if (!Number.isFinite(value)) continue;
    counted++;
    if (value < 1) clipped++;
  }
  return counted ? clipped / counted : null;
}
