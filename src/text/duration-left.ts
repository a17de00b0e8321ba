/** Shares of the work are taken so far apart that one slow batch does not decide the estimate. */
const firstEstimateMs = 1_000;

/**
 * Says how long work that goes on evenly still takes, in ms; null before that can be told. What comes before the first of it (a model that is
 * loaded, a graph that is compiled) comes once, and a batch is done at one moment: time is taken from a second after the first on.
 */
export function durationLeft(): (done: number, total: number) => number | null {
  let firstAt: number | null = null;
  let from: { done: number; at: number } | null = null;
  return (done, total) => {
    if (done === 0) return null;
    const now = Date.now();
    firstAt ??= now;
    if (now - firstAt < firstEstimateMs) return null;
    from ??= { done, at: now };
    const elapsed = now - from.at;
    if (done === from.done || elapsed < firstEstimateMs) return null;
    return Math.round((elapsed / (done - from.done)) * (total - done));
  };
}
