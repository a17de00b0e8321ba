import type { Answer } from '../calls.ts';
import { createRuns } from '../create-runs.ts';
import { readRunFile } from '../../store/run-folder.ts';
import { runEntry } from '../run-entry.ts';
import { checkedPlan } from './checked-plan.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { assignmentsOf, type LauncherOptions } from './launcher-option.ts';
import { print, printJson } from './output.ts';
import { isScheduled, submitShown } from './submit.ts';
import { textFromStdin } from './stdin.ts';
import { plural } from '../../text/words.ts';
import { t } from '../../text/say.ts';

/** `tandem queue F`: makes the runs of a file, of its whole sweep unless `--single`, and starts none. */
export async function queue(
  file: string,
  options: LauncherOptions & { single?: boolean; stdin?: boolean; json?: boolean },
  context: Context,
): Promise<number> {
  const json = options.json === true;
  const text = options.stdin ? await textFromStdin() : undefined;
  const plan = await checkedPlan(
    file,
    { set: assignmentsOf(options), sweep: options.single !== true, json, text },
    context,
  );
  if (!plan) return exitCodes.problems;
  if (isScheduled(plan)) return submitShown(plan, { json }, context);
  const dirs = await createRuns(plan);
  const entries: Answer<'queue'> = await Promise.all(
    dirs.map(async (dir) => runEntry(dir, await readRunFile(dir))),
  );
  if (json) printJson(entries);
  else {
    for (const { id } of entries) print(id);
    print(
      t(
        '{0} in the queue. A VS Code window or tandem resume starts them.',
        plural(entries.length, '{0} run', '{0} runs'),
      ),
    );
  }
  return exitCodes.done;
}
