/** Shares of the work are taken so far apart that one slow batch does not decide the estimate. */
const firstEstimateMs = 1_000;

/** Says how long work that goes on evenly still takes, in ms; null before that can be told. */
export function durationLeft(): (done: number, total: number) => number | null {
  const began = Date.now();
  return (done, total) => {
    const elapsed = Date.now() - began;
    return done === 0 || elapsed < firstEstimateMs ? null : Math.round((elapsed / done) * (total - done));
  };
}
