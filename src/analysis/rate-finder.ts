import type { RampPoint, RateRamp } from '../protocol/rate-ramp.ts';
import { smooth } from './smoothing.ts';

/** What a ramp of learning rates shows. */
export interface RateCurve {
  ramp: RateRamp;
  points: RampPoint[];
  /** The losses smoothed, one for each point. */
  smoothed: number[];
  /** Where the smoothed loss falls fastest per factor of the rate; null where the curve says too little. */
  steepest: number | null;
  /** A tenth of the rate with the smallest smoothed loss; null as well. */
  tenth: number | null;
  /** Up to this rate nothing much is learnt: what the curve does there is noise. null where it says too little all along. */
  quietUntil: number | null;
  /** The rate at which the loss began to run away; null when it did not. */
  divergedAt: number | null;
}

/** Weight of the past in the smoothed loss. */
const weight = 0.9;
/** A smoothed loss this many times the smallest, counted from it, is one that runs away (fastai stops at 4 times the smallest). */
const runaway = 4;
/** Points that a slope is taken over, on each side. */
const reach = 3;
/** First points that only begin the mean. */
const firstPoints = 5;
/** Share of the whole fall of the loss that is still next to nothing. */
const quietShare = 0.05;
/** The smoothed loss must fall by so many of its standard deviations before a rate is suggested: noise alone hardly ever does. */
const tellingFall = 5;

/** Whether a ramp need not go on: its loss is not a number, or runs away. */
export function isDiverging(points: readonly RampPoint[]): boolean {
  const last = points.at(-1);
  if (!last) return false;
  if (!Number.isFinite(last.loss)) return true;
  if (points.length <= firstPoints) return false;
  const smoothed = smooth(
    points.map(({ loss }) => loss),
    weight,
  );
  return smoothed.at(-1)! > runaway * Math.min(...smoothed);
}

/** Suggestions from the losses of a ramp (Smith 2017, "Cyclical Learning Rates"; the two rules are those of fastai). */
export function rateCurve(ramp: RateRamp, points: RampPoint[]): RateCurve {
  const finite = points.filter(({ loss }) => Number.isFinite(loss));
  const losses = finite.map(({ loss }) => loss);
  const smoothed = smooth(losses, weight);
  const bare = {
    ramp,
    points: finite,
    smoothed: [...smoothed],
    steepest: null,
    tenth: null,
    quietUntil: null,
  };
  const divergedAt = isDiverging(points) ? points.at(-1)!.rate : null;
  let lowest = 0;
  smoothed.forEach((loss, at) => (lowest = loss < smoothed[lowest]! ? at : lowest));
  const start = meanOf(losses.slice(0, Math.max(firstPoints, Math.ceil(ramp.steps / 10))));
  const fall = start - smoothed[lowest]!;
  if (lowest < firstPoints + reach || !(fall > tellingFall * noiseOf(losses, lowest) * smoothing))
    return { ...bare, divergedAt };

  let steepest = firstPoints;
  for (let at = firstPoints; at <= lowest; at++)
    if (slopeAt(smoothed, at) < slopeAt(smoothed, steepest)) steepest = at;
  let quiet = 0;
  for (let at = firstPoints; at < steepest; at++) if (start - smoothed[at]! < quietShare * fall) quiet = at;
  return {
    ...bare,
    steepest: finite[steepest]!.rate,
    tenth: finite[lowest]!.rate / 10,
    quietUntil: finite[quiet]!.rate,
    divergedAt,
  };
}

const meanOf = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What is left of a value's noise in the mean: sqrt((1 - w) / (1 + w)). */
const smoothing = Math.sqrt((1 - weight) / (1 + weight));

/** Standard deviation of a loss from batch to batch up to a point, from the differences of neighbours. */
function noiseOf(losses: number[], until: number): number {
  const count = Math.max(1, until);
  let sum = 0;
  for (let at = 1; at <= until; at++) sum += (losses[at]! - losses[at - 1]!) ** 2;
  return Math.sqrt(sum / count / 2);
}

/** Change of the loss from point to point, which are equal factors of the rate apart. */
function slopeAt(smoothed: Float64Array, at: number): number {
  const from = Math.max(0, at - reach);
  const to = Math.min(smoothed.length - 1, at + reach);
  return (smoothed[to]! - smoothed[from]!) / (to - from);
}
