import type { RunStatus } from './events.ts';
import { recallK } from './metrics.ts';
import type { MetricSummary } from './run.ts';
import { isActive } from './run-status.ts';

/** What guessing gives of a metric: its mean, and the standard deviation of one evaluation around it. */
export interface Chance {
  mean: number;
  deviation: number;
}

/**
 * The loss of a batch of so many different pairs whose every score is the same: the logarithm of how many a pair is told from. `sigmoid` tells each of
 * a row's pairs right or wrong by itself, and does best where that score says 1 in `pairs`: ln B + (B - 1) ln(B / (B - 1)).
 */
export function lossByGuessing(kind: string, pairs: number): number {
  if (kind !== 'sigmoid' || pairs < 2) return Math.log(pairs);
  return Math.log(pairs) + (pairs - 1) * Math.log(pairs / (pairs - 1));
}

/** Chances by metric as they were written, each with both of its numbers; undefined when there are none. */
export function readChances(written: unknown): Record<string, Chance> | undefined {
  if (written === null || typeof written !== 'object') return undefined;
  const read = Object.entries(written).flatMap(([name, value]) => {
    const chance = readChance(value);
    return chance ? [[name, chance] as const] : [];
  });
  return read.length ? Object.fromEntries(read) : undefined;
}

export function readChance(written: unknown): Chance | undefined {
  if (written === null || typeof written !== 'object') return undefined;
  const { mean, deviation } = written as Record<string, unknown>;
  return Number.isFinite(mean) && Number.isFinite(deviation)
    ? { mean: mean as number, deviation: deviation as number }
    : undefined;
}

/**
 * What guessing gives over several runs: the mean where they hardly differ, as seeds do that hold other pairs out; undefined where they are
 * measured on something else.
 */
export function commonChance(chances: readonly Chance[]): Chance | undefined {
  const means = chances.map(({ mean }) => mean);
  const [least, most] = [Math.min(...means), Math.max(...means)];
  if (chances.length === 0 || most > least * 1.1) return undefined;
  const mean = least === most ? least : means.reduce((sum, one) => sum + one, 0) / means.length;
  return { mean, deviation: Math.max(...chances.map(({ deviation }) => deviation)) };
}

/** A recall that guessing reaches in one of about forty evaluations. */
export const isAtChance = (recall: number, { mean, deviation }: Chance): boolean =>
  recall <= mean + 2 * deviation;

/**
 * Whether a run is over and its last recalls, whatever the K, are no better than guessing gives. A K that every guess reaches says
 * nothing, nor does a run that does not know its chance.
 */
export function endedAtChance(status: RunStatus, summary: Record<string, MetricSummary>): boolean {
  if (isActive(status)) return false;
  const telling = Object.entries(summary).flatMap(([name, { last, chance }]) =>
    recallK(name) !== null && chance && chance.mean < 1 ? [{ last, chance }] : [],
  );
  return telling.length > 0 && telling.every(({ last, chance }) => isAtChance(last, chance));
}
