/** Sizes that symbols are recorded with: two of each, and one more that what was found is checked by. */
export interface SampleSizes {
  low: readonly number[];
  high: readonly number[];
  proof: readonly number[];
}

/** Sizes that few models have of their own, so that two sizes are the same in the captures only where they always are. */
const free = [
  [11, 13, 7],
  [17, 19, 23],
  [29, 31, 37],
] as const;

/**
 * The sizes of symbols of which each is at most so much. Those with a limit stay below it: what is as long as a table of positions is not cut out
 * of it, which is recorded as other operators.
 */
export function sampleSizes(most: readonly number[]): SampleSizes {
  const sizes: (readonly [number, number, number])[] = [];
  // The narrowest first: it has the fewest to choose from.
  const order = most.map((_, at) => at).sort((a, b) => most[a]! - most[b]!);
  const left = [...free];
  for (const at of order) {
    const fits = left.findLastIndex((three) => Math.max(...three) < most[at]!);
    sizes[at] = fits >= 0 ? left.splice(fits, 1)[0]! : below(most[at]!);
  }
  return {
    low: sizes.map(([low]) => low),
    high: sizes.map(([, high]) => high),
    proof: sizes.map(([, , proof]) => proof),
  };
}

/** The largest below a small limit; one token is never recorded, since its axis may be left out. */
function below(most: number): [low: number, high: number, proof: number] {
  const proof = Math.max(2, Math.min(most, 14) - 3);
  return [proof + 1, proof + 2, proof];
}
