import { createRun } from '../store/run-folder.ts';
import type { Plan } from './plan.ts';

/** Makes the run folders of a plan, all with status `queued`, and gives their paths in the plan's order. */
export async function createRuns(plan: Plan): Promise<string[]> {
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
      }),
    );
  return dirs;
}
