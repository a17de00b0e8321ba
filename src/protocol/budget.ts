import { saidPlural } from '../text/words.ts';
import { said, type Said } from '../text/say.ts';
import { numberText } from '../text/numbers.ts';
import type { Budget, RunFile } from './run.ts';

/** Why no run of a sweep may go on, when its runs have used what it may use; null when they have not. */
export function budgetUsedUp(
  budget: Budget | undefined,
  runs: readonly Pick<RunFile, 'process' | 'step' | 'trained_ms'>[],
): Said | null {
  if (!budget) return null;
  const sum = (of: (run: (typeof runs)[number]) => number): number =>
    runs.reduce((total, run) => total + of(run), 0);
  const used = {
    steps: sum(({ step }) => step),
    hours: sum(({ trained_ms }) => trained_ms ?? 0) / 3_600_000,
  };
  for (const kind of ['steps', 'hours'] as const) {
    const most = budget[kind];
    if (most !== null && used[kind] >= most) return reasonOf(kind, most);
  }
  return null;
}

/** Why no further run of a sweep may begin; null when one may. */
export function mayNotBegin(
  budget: Budget | undefined,
  runs: Parameters<typeof budgetUsedUp>[1],
): Said | null {
  const begun = runs.filter(({ process, step }) => process !== null || step > 0).length;
  if (budget && budget.runs !== null && begun >= budget.runs) return reasonOf('runs', budget.runs);
  return budgetUsedUp(budget, runs);
}

const reasonOf = (kind: keyof Budget, most: number): Said =>
  said(
    "The sweep's budget of {0} is used up. With a larger sweep.budget.{1}, tandem sweep goes on with what is left.",
    amountOf(kind, most),
    kind,
  );

function amountOf(kind: keyof Budget, most: number): Said {
  if (kind === 'hours') return said(most === 1 ? '{0} hour' : '{0} hours', numberText(most));
  return kind === 'runs'
    ? saidPlural(most, '{0} run', '{0} runs')
    : saidPlural(most, '{0} step', '{0} steps');
}
