import type { Branch, RunConfig } from '../experiment/config.ts';

/** Branches whose rate can be looked for. */
export const rampBranches = ['image', 'text', 'fusion'] as const satisfies Branch[];
export type RampBranch = (typeof rampBranches)[number];
/** Whose rate is looked for. */
export type RateBranch = RampBranch | 'all';

/** A few steps at rates that rise from one to the next by the same factor, on a model that is thrown away. */
export interface RateRamp {
  /** Whose rates rise, together. */
  branches: RampBranch[];
  /** The other branches learn at their own peak rates, or stay as they are. */
  others: 'own' | 'zero';
  steps: number;
  /** First and last rate. */
  low: number;
  high: number;
}

/** What the trainer is asked. */
export interface RampRequest {
  config: RunConfig;
  ramp: RateRamp;
}

/** The loss of a batch, before the step at this rate. */
export interface RampPoint {
  rate: number;
  loss: number;
}

/** The rate of a step, 0 for the first. */
export function rampRate({ low, high, steps }: RateRamp, step: number): number {
  return low * (high / low) ** (step / Math.max(1, steps - 1));
}
