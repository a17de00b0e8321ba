import { rounded } from '../text/numbers.ts';
import { hashFraction } from '../text/hash.ts';
import { t } from '../text/say.ts';

/** Where the values of a setting come from. */
export type Distribution =
  | { kind: 'log_uniform' | 'uniform' | 'integer'; low: number; high: number; isWhole: boolean }
  | { kind: 'choice'; values: unknown[] };

/** Kinds of distributions, as they are written, and what they draw. */
export const distributions = (): Record<Distribution['kind'], string> => ({
  log_uniform: t('Between two numbers above 0, each factor as likely as another: for learning rates.'),
  uniform: t('Between two numbers, each as likely as another.'),
  integer: t('A whole number from the first to the second, both among them.'),
  choice: t('One of the values in the list.'),
});

/** Significant digits of a number that is drawn: more would only make tables hard to read. */
const digits = 4;

/**
 * Settings drawn from distributions, each different from the others: by dotted key, the n-th values of all lists are the n-th setting.
 * A value depends on the seed, its key and its number alone, so that a larger count or another key leaves the others as they are.
 * There are fewer than asked for when there are no more different ones.
 */
export function drawSettings(
  from: Record<string, Distribution>,
  { count, seed }: { count: number; seed: number },
): Record<string, unknown[]> {
  const keys = Object.keys(from);
  const wanted = Math.min(count, howMany(from));
  const values: Record<string, unknown[]> = Object.fromEntries(keys.map((key) => [key, []]));
  const seen = new Set<string>();
  // The last of n settings takes n draws on average: with all of them, n ln n, and n is 10,000 at most.
  for (let draw = 0; seen.size < wanted && draw < 50 * wanted + 1000; draw++) {
    const setting = keys.map((key) => valueAt(from[key]!, hashFraction('sweep', seed, key, draw)));
    const name = JSON.stringify(setting);
    if (seen.has(name)) continue;
    seen.add(name);
    keys.forEach((key, at) => values[key]!.push(setting[at]));
  }
  return values;
}

/** How many different settings there are; Infinity where one of them is a fraction. */
function howMany(from: Record<string, Distribution>): number {
  return Object.values(from).reduce((product, one) => {
    if (one.kind === 'choice')
      return product * new Set(one.values.map((value) => JSON.stringify(value))).size;
    return product * (one.isWhole ? one.high - one.low + 1 : Infinity);
  }, 1);
}

/** The value at a share of a distribution, 0 to below 1. */
function valueAt(from: Distribution, share: number): unknown {
  if (from.kind === 'choice') return from.values[Math.floor(share * from.values.length)];
  const { kind, low, high, isWhole } = from;
  // Whole numbers get equal shares of the range, the ends too.
  const [least, most] = isWhole ? [low - 0.5, high + 0.5] : [low, high];
  const exact = kind === 'log_uniform' ? least * (most / least) ** share : least + (most - least) * share;
  const value = isWhole ? Math.round(exact) : rounded(exact, digits);
  return Math.min(Math.max(value, low), high);
}
