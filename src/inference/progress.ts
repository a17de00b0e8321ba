/** Shares of the work are taken so far apart that one slow batch does not decide the estimate. */
const firstEstimateMs = 1_000;

/** Says how long work that goes on evenly still takes; null before that can be told. */
export function durationLeft(): (done: number, total: number) => number | null {
  const began = performance.now();
  return (done, total) => {
    const elapsed = performance.now() - began;
    return done === 0 || elapsed < firstEstimateMs ? null : (elapsed / done) * (total - done);
  };
}
