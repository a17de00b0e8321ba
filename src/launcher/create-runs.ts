import type { RunJob } from '../protocol/run.ts';
import { ownProcess } from '../store/process-identity.ts';
import { createRun } from '../store/run-folder.ts';
import type { Plan } from './plan.ts';

/**
 * Makes the run folders of a plan, all with status `queued`, and gives their paths in the plan's order. With `areOurs` this
 * process is who will start them: should it die before, they are not left in a queue that nobody looks after. `jobs` are those of a
 * scheduler that will.
 */
export async function createRuns(
  plan: Plan,
  { areOurs = false, jobs = [] }: { areOurs?: boolean; jobs?: RunJob[] } = {},
): Promise<string[]> {
  const dirs: string[] = [];
  for (const [index, { config, settings, sweep, memory }] of plan.runs.entries())
    dirs.push(
      await createRun(plan.runsDir, {
        experiment: config.name,
        source: plan.text,
        config,
        settings,
        sweep,
        memory,
        experimentPath: plan.file,
        // One moment for all, so that a sweep's runs stay together and in order.
        created: plan.time,
        starter: areOurs ? ownProcess() : null,
        job: jobs[index] ?? null,
        remote: plan.launcher.kind === 'ssh' ? plan.launcher : null,
      }),
    );
  return dirs;
}
