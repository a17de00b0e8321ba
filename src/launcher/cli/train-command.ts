import { createRuns } from '../create-runs.ts';
import { checkedPlan } from './checked-plan.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { assignmentsOf, type LauncherOptions } from './launcher-option.ts';
import { note } from './output.ts';
import { runToEnd } from './run-to-end.ts';
import { isScheduled, submitShown } from './submit.ts';
import { t } from '../../text/say.ts';

/** `tandem train F`: one run, with the file's own values and those of `--set`. */
export async function train(
  file: string,
  options: LauncherOptions & { dryRun?: boolean; json?: boolean },
  context: Context,
): Promise<number> {
  const json = options.json === true;
  const plan = await checkedPlan(file, { set: assignmentsOf(options), sweep: false, json }, context);
  if (!plan) return exitCodes.problems;
  if (plan.trials > 1)
    note(t('The sweep of {0} settings is left out; tandem sweep {1} trains them all.', plan.trials, file));
  if (isScheduled(plan, options)) return submitShown(plan, { json, dryRun: options.dryRun }, context);
  const [dir] = await createRuns(plan, { areOurs: true });
  return runToEnd(dir!, { json, context });
}
