import type { RunStatus } from '../../protocol/events.ts';
import { t } from '../say.ts';
import { formatMetric } from '../tree/format.ts';

/** What an earlier run tells about a learning rate. */
export interface RateSample {
  /** The branch's peak rate. */
  rate: number;
  status: RunStatus;
  /** Best recall (share) and its name; null when it was never measured. */
  recall: { name: string; value: number } | null;
}

/** Rates within this factor are near. */
const nearFactor = 2;

/**
 * One sentence on what the person's own runs with a rate near `rate` reached: how many, their best recall, how many
 * diverged. null when there is none.
 */
export function earlierRuns(rate: number, branch: string, samples: RateSample[]): string | null {
  const near = samples.filter((sample) => isNear(sample.rate, rate));
  if (near.length === 0) return null;
  const diverged = near.filter(({ status }) => status === 'diverged').length;
  const name = mostCommon(near.flatMap(({ recall }) => (recall ? [recall.name] : [])));
  const values = near.flatMap(({ recall }) => (recall && recall.name === name ? [recall.value] : []));
  const count =
    near.length === 1
      ? t('Your run with a {0} rate near this', branch)
      : t('Your {0} runs with a {1} rate near this', near.length, branch);
  const reached = name
    ? t('{0} reached {1} {2}', count, name.replace('val/', ''), spread(values))
    : t('{0} measured no recall', count);
  const ends =
    diverged === 0
      ? t('none diverged')
      : diverged === near.length && diverged === 1
        ? t('it diverged')
        : t('{0} diverged', diverged);
  return `${reached}; ${ends}.`;
}

const isNear = (a: number, b: number): boolean =>
  a > 0 && b > 0 && Math.abs(Math.log(a / b)) <= Math.log(nearFactor) + 1e-9;

function spread(values: number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(formatMetric);
  return low === high ? low! : `${low}-${high}`;
}

function mostCommon(names: string[]): string | null {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
