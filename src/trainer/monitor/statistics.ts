/** Mean; NaN when one of the values is, or when there is none. */
export function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Median, the lower of two middle values; NaN when one of the values is, or when there is none. */
export function median(values: Float64Array): number {
  const sorted = values.slice().sort(); // NaN comes last
  return Number.isNaN(sorted.at(-1)) ? NaN : (sorted[(sorted.length - 1) >> 1] ?? NaN);
}

/** Share of the values that a test holds for. */
export function shareOf(values: Float64Array, isSo: (value: number, index: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (isSo(values[i]!, i)) count++;
  return count / values.length;
}
