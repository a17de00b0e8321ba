import type { RunStatus } from '../protocol/events.ts';
import type { RunFile } from '../protocol/run.ts';
import { mayNotBegin } from '../protocol/budget.ts';
import { isTraining } from '../protocol/run-status.ts';
import { listRuns, readRunFile, statusOf } from '../store/run-folder.ts';
import { finishRun } from './finish.ts';
import { withQueueLocks } from './queue-lock.ts';
import { type StartedTrainer, startTrainer } from './start.ts';
import type { TrainerProgram } from './trainer-program.ts';

/** How the queue stood when the pump left it. */
export interface Pumped {
  started: { dir: string; trainer: StartedTrainer }[];
  /** Runs whose trainer could not begin; they are marked as failed. */
  failed: { dir: string; error: Error }[];
  running: number;
  waiting: number;
}

/**
 * Starts queued runs, oldest first, while fewer than `max` are running in these folders of runs. Any number of windows
 * and command lines may pump at once: a lock in each folder lets one decide at a time, so no run starts twice and
 * never more than `max` run. `only` limits what is started, not what is counted.
 */
export async function pumpQueue(
  runsDirs: string[],
  max: number,
  program: TrainerProgram,
  { only }: { only?: ReadonlySet<string> } = {},
): Promise<Pumped> {
  const wanted = (run: { dir: string; status: RunStatus }): boolean =>
    run.status === 'queued' && (only === undefined || only.has(run.dir));
  // Most calls find nothing to do: they take no lock.
  const glance = await allRuns(runsDirs);
  if (!glance.some(wanted) || countRunning(glance) >= max) return summary(glance, [], []);

  return withQueueLocks(runsDirs, async () => {
    const runs = await allRuns(runsDirs);
    const started: Pumped['started'] = [];
    const failed: Pumped['failed'] = [];
    const queue = runs
      .filter(wanted)
      .sort((a, b) => a.file.created - b.file.created || byPlace(a.file, b.file));
    for (const run of queue) {
      if (countRunning(runs) >= max) break;
      const { sweep } = run.file;
      const members = runs.filter(({ file }) => file.sweep?.id === sweep?.id).map(({ file }) => file);
      const reason = sweep && mayNotBegin(sweep.budget, members);
      if (reason) {
        await finishRun(run.dir, { code: null, signal: null }, reason, 'stopped');
        run.status = 'stopped';
        continue;
      }
      try {
        started.push({ dir: run.dir, trainer: await startTrainer(run.dir, program) });
        run.status = 'running';
        run.file = await readRunFile(run.dir);
      } catch (error) {
        // One broken run must not keep the others from their turn.
        failed.push({ dir: run.dir, error: error as Error });
        run.status = 'failed';
      }
    }
    return summary(runs, started, failed);
  });
}

interface ListedRun {
  dir: string;
  file: RunFile;
  status: RunStatus;
}

async function allRuns(runsDirs: string[]): Promise<ListedRun[]> {
  const lists = await Promise.all(runsDirs.map((runsDir) => listRuns(runsDir)));
  return (
    lists
      .flat()
      // Jobs of a scheduler start elsewhere, and take no place here.
      .filter(({ file }) => file.job === null)
      .map(({ dir, file }) => ({ dir, file, status: statusOf(file) }))
  );
}

function countRunning(runs: ListedRun[]): number {
  return runs.filter((run) => isTraining(run.status)).length;
}

function byPlace(a: RunFile, b: RunFile): number {
  return (a.sweep?.index ?? 0) - (b.sweep?.index ?? 0) || (a.id < b.id ? -1 : 1);
}

function summary(runs: ListedRun[], started: Pumped['started'], failed: Pumped['failed']): Pumped {
  return {
    started,
    failed,
    running: countRunning(runs),
    waiting: runs.filter((run) => run.status === 'queued').length,
  };
}
