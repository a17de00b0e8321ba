import { ownProcess } from '../store/process-identity.ts';
import { createRun } from '../store/run-folder.ts';
import type { Plan } from './plan.ts';

/**
 * Makes the run folders of a plan, all with status `queued`, and gives their paths in the plan's order. With `areOurs` this
 * process is who will start them: should it die before, they are not left in a queue that nobody looks after.
 */
export async function createRuns(
  plan: Plan,
  { areOurs = false }: { areOurs?: boolean } = {},
): Promise<string[]> {
  const dirs: string[] = [];
  for (const { config, settings, sweep } of plan.runs)
    dirs.push(
      await createRun(plan.runsDir, {
        experiment: config.name,
        source: plan.text,
        config,
        settings,
        sweep,
        experimentPath: plan.file,
        // One moment for all, so that a sweep's runs stay together and in order.
        created: plan.time,
        starter: areOurs ? ownProcess() : null,
      }),
    );
  return dirs;
}
