import { said, type Said } from '../text/say.ts';
import type { EarlyStopping } from '../experiment/early-stop.ts';
import { shortNumber } from '../text/numbers.ts';
import { saidList } from '../text/words.ts';
import { isBetter } from './summary.ts';

/** What a run of a sweep had at a rung. */
export interface RungResult {
  /** 0-based place in the sweep. */
  index: number;
  /** Of the sweep's metric; NaN for a run that diverged before it, which counts as the worst. */
  value: number;
}

/** How a run stands at a rung. */
export interface RungVerdict {
  goesOn: boolean;
  /** How many of those that got there go on. */
  kept: number;
  /** Those that got there, the best first, the run itself among them. */
  ranking: RungResult[];
}

/**
 * Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning"), where a run is judged when
 * it gets to a rung, among those that are there already: it goes on while it is among the best 1/reduction of them, at least one.
 * Equal values are equally good. Nobody waits for others, so that early ones go on against few.
 */
export function judgeAtRung(
  { metric, reduction }: Pick<EarlyStopping, 'metric' | 'reduction'>,
  own: RungResult,
  others: readonly RungResult[],
): RungVerdict {
  const ranking = [own, ...others].sort((a, b) =>
    isBetter(metric, a.value, b.value) ? -1 : isBetter(metric, b.value, a.value) ? 1 : a.index - b.index,
  );
  const kept = Math.max(1, Math.floor(ranking.length / reduction));
  const better = others.filter(({ value }) => isBetter(metric, value, own.value)).length;
  return { goesOn: better < kept, kept, ranking };
}

/** The rung that a run got to with its evaluation at `step`, when the one before was at `before`; null when it got to none. 0-based. */
export function rungReached(rungs: readonly number[], before: number, step: number): number | null {
  const last = rungs.findLastIndex((rung) => rung <= step);
  return last >= 0 && rungs[last]! > before ? last : null;
}

/** Most runs that a reason names. */
const mostNamed = 5;

/** Why a run was stopped at a rung: where, and behind which others. Trials are counted from 1. */
export function stoppedEarly(
  { metric, rungs }: EarlyStopping,
  rung: number,
  step: number,
  own: RungResult,
  { kept, ranking }: RungVerdict,
): Said {
  const ahead = ranking.filter(({ index }) => index !== own.index).slice(0, kept);
  const named = ahead
    .slice(0, mostNamed)
    .map(({ index, value }) => said('trial {0} ({1})', index + 1, shortNumber(value)));
  if (ahead.length > mostNamed) named.push(said('{0} more', ahead.length - mostNamed));
  return said(
    kept === 1
      ? 'Stopped early at rung {0} of {1} (step {2}): its {3} is {4}, and of the {5} runs that got there only the best one goes on, behind {6}. Resume trains it on all the same.'
      : 'Stopped early at rung {0} of {1} (step {2}): its {3} is {4}, and of the {5} runs that got there only the best {7} go on, behind {6}. Resume trains it on all the same.',
    rung + 1,
    rungs.length,
    step,
    metric,
    shortNumber(own.value),
    ranking.length,
    saidList(named),
    ...(kept === 1 ? [] : [kept]),
  );
}
