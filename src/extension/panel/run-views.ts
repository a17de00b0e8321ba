import { eachOf } from '../../store/run-list.ts';
import type { RunView } from '../../protocol/panel.ts';
import { isActive, runLabel, type RunEntry } from '../runs/run-entry.ts';
import { settingsOf } from '../runs/run-settings.ts';

/** Runs that a panel lists; older ones are found in the explorer. */
export const mostRuns = 5_000;
/** The panel's view of runs, without curves: those are sent as they are read. */
export async function runViews(runs: RunEntry[]): Promise<RunView[]> {
  const views = new Array<RunView>(runs.length);
  await eachOf(runs.length, 16, async (index) => {
    const run = runs[index]!;
    views[index] = {
      id: run.dir,
      label: runLabel(run),
      status: run.status,
      foreign: run.foreign,
      file: run.file,
      settings: await settingsOf(run),
      state: null,
      problem: run.problem,
    };
  });
  return views;
}

/** The runs drawn at first: the active ones and the newest run's sweep, else the newest run. */
export function firstShown(runs: RunEntry[]): RunEntry[] {
  const [newest] = runs;
  if (!newest) return [];
  const sweep = newest.file.sweep?.id;
  // The whole sweep: with a part of it the comparison would say something else.
  return runs.filter(
    (run) => run === newest || isActive(run) || (sweep !== undefined && run.file.sweep?.id === sweep),
  );
}
