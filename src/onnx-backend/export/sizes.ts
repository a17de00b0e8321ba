/** A size that depends on others, as a sum of whole multiples of products of symbols: `2 * batch * length + 1`. */
export type Size = readonly { factor: number; symbols: readonly string[] }[];

/** The sizes that the symbols have in each capture: each of two values for each, in every combination. */
export interface Samples {
  symbols: readonly string[];
  low: readonly number[];
  high: readonly number[];
}

/** Every combination; in capture c the symbol i is high where bit i of c is set. */
export function captures({ symbols, low, high }: Samples): Record<string, number>[] {
  return Array.from({ length: 2 ** symbols.length }, (_, c) =>
    Object.fromEntries(symbols.map((name, i) => [name, (c >> i) & 1 ? high[i]! : low[i]!])),
  );
}

/**
 * The size whose values in the captures were these, linear in each symbol; null when there is none with whole factors. Fitted to all
 * combinations: one point more is for the caller to check.
 */
export function fit(samples: Samples, values: readonly number[]): Size | null {
  const terms = coefficients(samples, values, samples.symbols.length);
  if (!terms.every(({ factor }) => Number.isInteger(factor))) return null;
  return terms.filter(({ factor }) => factor !== 0);
}

export const valueOf = (size: Size, sizes: Record<string, number>): number =>
  size.reduce(
    (sum, { factor, symbols }) => sum + symbols.reduce((product, name) => product * sizes[name]!, factor),
    0,
  );

/** Interpolates along the last symbol, then each of the two coefficients along the ones before. */
function coefficients({ symbols, low, high }: Samples, values: readonly number[], count: number): Size {
  if (count === 0) return [{ factor: values[0]!, symbols: [] }];
  const at = count - 1;
  const half = values.length / 2;
  const slopes = values.slice(half).map((value, i) => (value - values[i]!) / (high[at]! - low[at]!));
  const offsets = values.slice(0, half).map((value, i) => value - slopes[i]! * low[at]!);
  const before = { symbols, low, high };
  return [
    ...coefficients(before, offsets, at),
    ...coefficients(before, slopes, at).map(({ factor, symbols: others }) => ({
      factor,
      symbols: [...others, symbols[at]!],
    })),
  ];
}
