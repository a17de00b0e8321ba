import type { RunState } from '../../src/protocol/state.ts';

/** Milliseconds until the last of `steps`, at the pace of the last 50 steps (pauses for evaluation included); null when not known. */
export function timeLeft(state: RunState | null, steps: number): number | null {
  const loss = state?.series.get('train/loss');
  if (!loss || loss.length < 3 || steps <= 0) return null;
  const last = loss.length - 1;
  const from = Math.max(0, last - 50);
  const done = loss.steps[last]! - loss.steps[from]!;
  const taken = loss.times[last]! - loss.times[from]!;
  return done > 0 && taken > 0 ? Math.max(0, ((steps - loss.steps[last]!) * taken) / done) : null;
}
