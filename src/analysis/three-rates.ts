import { numberText } from '../text/numbers.ts';

/**
 * A rate with two others around it, a factor of about three apart: enough to see on which side the best one lies. The others are
 * round (one digit); the rate itself stays what it is.
 */
export function threeRates(rate: number): string[] {
  const round = (value: number): number => Number(value.toPrecision(1));
  return [round(rate / 3), rate, round(rate * 3)].map(numberText);
}
