import * as z from 'zod';

/** A length of training as it is written: a number of steps, or a text such as `5%`, `100 steps`, `2 epochs`, `10000 samples`. */
export type Duration = number | string;

export interface ParsedDuration {
  amount: number;
  unit: DurationUnit;
}

export type DurationUnit = 'steps' | 'epochs' | 'samples' | 'percent';

const pattern = /^\s*(\d+(?:\.\d*)?|\.\d+)(?:([eE][-+]?\d+))?\s*(%|steps?|epochs?|samples?)?\s*$/;

/** Amount and unit of a written length; null when it is none. A bare number counts steps. */
export function parseDuration(written: unknown): ParsedDuration | null {
  if (typeof written === 'number')
    return Number.isFinite(written) && written >= 0 ? { amount: written, unit: 'steps' } : null;
  const match = typeof written === 'string' ? pattern.exec(written) : null;
  if (!match) return null;
  const amount = Number(`${match[1]}${match[2] ?? ''}`);
  const unit = match[3] ?? 'steps';
  if (!Number.isFinite(amount)) return null;
  return { amount, unit: unit === '%' ? 'percent' : (`${unit.replace(/s$/, '')}s` as DurationUnit) };
}

export interface RunLength {
  steps: number;
  stepsPerEpoch: number;
  batchSize: number;
}

/** A written length in whole steps of a run of `length` (rounded to the nearest; NaN when it is no length). */
export function durationInSteps(written: Duration, length: RunLength): number {
  const parsed = parseDuration(written);
  if (!parsed) return NaN;
  switch (parsed.unit) {
    case 'steps':
      return Math.round(parsed.amount);
    case 'epochs':
      return Math.round(parsed.amount * length.stepsPerEpoch);
    case 'samples':
      return Math.round(parsed.amount / length.batchSize);
    case 'percent':
      return Math.round((parsed.amount / 100) * length.steps);
  }
}

/** True for whole numbers of steps, any amount of the other units, and at most 100 %. */
export function isDuration(written: unknown): boolean {
  const parsed = parseDuration(written);
  if (!parsed) return false;
  if (parsed.unit === 'steps' && !Number.isInteger(parsed.amount)) return false;
  return parsed.unit !== 'percent' || parsed.amount <= 100;
}

/** Schema of a length that may be zero (warm-up). */
export const duration = z.union([z.int().min(0), z.string().regex(pattern)]).refine(isDuration);

/** Schema of a length that must be above zero (every). */
export const positiveDuration = duration.refine((written) => (parseDuration(written)?.amount ?? 1) > 0);
