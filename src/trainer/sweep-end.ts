import type { Said } from '../text/say.ts';
import { dirname, resolve } from 'node:path';
import type { EvalConfig } from '../experiment/config.ts';
import { budgetUsedUp } from '../protocol/budget.ts';
import type { EndStatus } from '../protocol/events.ts';
import type { RunFile } from '../protocol/run.ts';
import { judgeAtRung, rungReached, stoppedEarly, type RungResult } from '../protocol/rungs.ts';
import { listRuns, readRunFile, statusOf, updateRunFile } from '../store/run-folder.ts';

/**
 * Whether the sweep that a run belongs to ends it at this evaluation, and why: at a rung, where it is behind the others, or because what
 * the sweep may use is used up. A run finds the others in their folders beside its own, so that nobody has to watch over a sweep:
 * it is the same from the command line, from a window and on a cluster. `metrics`: null when nothing is held out.
 */
export async function endBySweep(
  dir: string,
  step: number,
  metrics: Record<string, number> | null,
  { every }: EvalConfig,
): Promise<{ status: EndStatus; reason: Said } | null> {
  const { sweep } = await readRunFile(dir);
  if (!sweep?.stop_early && !sweep?.budget) return null;
  const { stop_early: stopEarly, budget, index } = sweep;
  const value = stopEarly && metrics?.[stopEarly.metric];
  const rung = value === undefined ? null : rungReached(stopEarly!.rungs, step - every, step);
  if (rung !== null)
    // Written before the others are looked at: of two that get there together, at least one sees the other.
    await updateRunFile(dir, (file) => ({ ...file, rungs: upTo(file.rungs, rung, value!) }));

  const listed = await listRuns(dirname(resolve(dir)));
  const runs = listed
    .filter(({ file }) => file.sweep?.id === sweep.id)
    // Our own run.json is rewritten every few seconds only.
    .map(({ file }) => (file.sweep!.index === index ? { ...file, step } : file));
  if (rung !== null) {
    const own = { index, value: value! };
    const verdict = judgeAtRung(stopEarly!, own, resultsAt(rung, runs, index));
    if (!verdict.goesOn)
      return { status: 'stopped_early', reason: stoppedEarly(stopEarly!, rung, step, own, verdict) };
  }
  const reason = budgetUsedUp(budget, runs);
  return reason === null ? null : { status: 'stopped', reason };
}

/** What was reached before, and the value at a rung; rungs that no evaluation was between have the same. */
function upTo(values: readonly number[], rung: number, value: number): number[] {
  return Array.from({ length: rung + 1 }, (_, at) => (at < rung ? (values[at] ?? value) : value));
}

/** The other runs at a rung. One that diverged before it would have been the worst there. */
function resultsAt(rung: number, runs: readonly RunFile[], own: number): RungResult[] {
  return runs.flatMap((file) => {
    const { index } = file.sweep!;
    const value = file.rungs[rung] ?? (statusOf(file) === 'diverged' ? NaN : undefined);
    return index === own || value === undefined ? [] : [{ index, value }];
  });
}
