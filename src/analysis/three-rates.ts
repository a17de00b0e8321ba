import { numberText, rounded } from '../text/numbers.ts';

/**
 * A rate with two others around it, a factor of about three apart: enough to see on which side the best one lies. The others are
 * round (one digit); the rate itself stays what it is.
 */
export function threeRates(rate: number): string[] {
  return [rounded(rate / 3, 1), rate, rounded(rate * 3, 1)].map(numberText);
}
