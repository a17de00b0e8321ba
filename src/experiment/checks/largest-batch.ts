/** The largest power of two that this many training pairs fill, 2 at least. */
export const largestBatch = (trainPairs: number): number =>
  2 ** Math.floor(Math.log2(Math.max(trainPairs, 2)));
