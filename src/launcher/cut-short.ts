import { isDeepStrictEqual } from 'node:util';
import type { RunStatus } from '../protocol/events.ts';
import { canResume } from '../protocol/run-status.ts';
import { toJson } from '../protocol/numbers.ts';
import type { RunFile } from '../protocol/run.ts';
import { listRuns, readConfig, statusOf } from '../store/run-folder.ts';
import type { Plan } from './plan.ts';

/** An earlier sweep that asked for the same runs and did not get to its end. */
export interface CutShort {
  id: string;
  /** Unix ms. */
  created: number;
  /** In the plan's order; null where a run was never made, or deleted. */
  runs: ({ dir: string; status: RunStatus } | null)[];
}

/** Whether something is left to do for a run: one that diverged, or was stopped early, has given its answer. */
export const isUnfinished = (status: RunStatus): boolean =>
  status !== 'finished' && status !== 'diverged' && status !== 'stopped_early';

/** Whether a run waits for nobody and has to be put into the queue to go on. */
export const hasStopped = (status: RunStatus): boolean => canResume(status) && isUnfinished(status);

/** The newest sweep with the configs of a plan, when it was cut short; null when it was not, or there is none. */
export async function cutShort(plan: Plan): Promise<CutShort | null> {
  const wanted = plan.runs.map(({ config }) => asWritten(config));
  const sweeps = new Map<string, { dir: string; file: RunFile }[]>();
  for (const run of await listRuns(plan.runsDir)) {
    const { sweep, experiment } = run.file;
    if (sweep?.count !== wanted.length || experiment !== plan.runs[0]?.config.name) continue;
    sweeps.set(sweep.id, [...(sweeps.get(sweep.id) ?? []), run]);
  }
  // Newest first, as runs are listed.
  for (const [id, members] of sweeps) {
    const runs: CutShort['runs'] = wanted.map(() => null);
    const isSame = await Promise.all(
      members.map(async ({ dir, file }) => {
        const { index } = file.sweep!;
        runs[index] = { dir, status: statusOf(file) };
        return isDeepStrictEqual(asWritten(await readConfig(dir).catch(() => null)), wanted[index]);
      }),
    );
    if (!isSame.every(Boolean)) continue;
    const isCut = runs.some((run) => run !== null && isUnfinished(run.status));
    return isCut ? { id, created: members[0]!.file.created, runs } : null;
  }
  return null;
}

/** A config as its file holds it; the order of its keys means nothing, nor who is told of its end. */
function asWritten(config: object | null): unknown {
  return JSON.parse(toJson({ ...config, notify: null }));
}
