import { resolve } from 'node:path';
import { type Plan, planRuns } from '../plan.ts';
import { problemEntry } from '../problem-entry.ts';
import type { Context } from './context.ts';
import { note, printJson } from './output.ts';
import { printProblems, problemCount } from './problems.ts';
import { t } from '../../text/say.ts';

/**
 * The plan of an experiment file, when nothing is wrong with it; null after its problems have been said.
 * Warnings are said on standard error and do not keep a run from starting.
 */
export async function checkedPlan(
  file: string,
  options: { set: string[]; sweep: boolean; json: boolean; text?: string | undefined },
  context: Context,
): Promise<Plan | null> {
  const plan = await planRuns(resolve(context.cwd, file), options);
  const isBroken = plan.problems.some((problem) => problem.severity === 'error');
  printProblems(
    plan.file,
    plan.problems.filter(({ severity }) => (isBroken ? severity === 'error' : severity === 'warning')),
    context.cwd,
    note,
  );
  if (!isBroken) return plan;
  if (options.json) printJson({ problems: plan.problems.map(problemEntry) });
  note(t('Nothing was started: {0}.', problemCount(plan.problems)));
  return null;
}
