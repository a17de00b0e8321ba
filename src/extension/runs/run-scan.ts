import { join } from 'node:path';
import { isActive } from '../../protocol/run-status.ts';
import { eachOf, listRuns, readEntry, runNames, type RunEntry as StoredRun } from '../../store/run-list.ts';

/** What changed in a folder of runs since the last scan. */
export interface RunChanges {
  /** New runs, and those whose files are others now. */
  changed: StoredRun[];
  removed: string[];
}

/** Finished runs that are looked at in one scan; of more than these, the newest always and the others in turn, or when asked. */
const perScan = 200;
/** Runs that are read at once. */
const lanes = 16;

/**
 * Follows a folder of runs by asking again and again, which works on every disk. A scan costs one directory listing and a
 * few hundred file times, however many runs there are; only files that changed are read. A folder that is not there is empty.
 */
export function openRunScan(runsDir: string): { scan(also?: ReadonlySet<string>): Promise<RunChanges> } {
  const known = new Map<string, StoredRun>();
  let turn = 0;
  return {
    scan: async (also = new Set()) => {
      // Names begin with the time: newest last.
      const dirs = (await runNames(runsDir)).sort().map((name) => join(runsDir, name));
      const there = new Set(dirs);
      const removed = [...known.keys()].filter((dir) => !there.has(dir));
      const changed: StoredRun[] = [];
      const take = (dir: string, run: StoredRun | null): void => {
        if (!run && known.has(dir)) removed.push(dir);
        if (!run || run === known.get(dir)) return;
        known.set(dir, run);
        changed.push(run);
      };
      // Very many new ones: the listing that was made for such folders reads them five times as fast.
      if (dirs.length - (known.size - removed.length) > perScan) {
        const listed = new Map((await listRuns(runsDir)).map((run) => [run.dir, run]));
        for (const dir of dirs) take(dir, listed.get(dir) ?? null);
        for (const dir of removed) known.delete(dir);
        return { changed, removed };
      }
      const due = dirs.filter((dir, index) => {
        const run = known.get(dir);
        return (
          !run ||
          also.has(dir) ||
          isActive(run.file.status) ||
          index >= dirs.length - perScan / 2 ||
          isInTurn(index, dirs.length, turn)
        );
      });
      turn++;
      await eachOf(due.length, lanes, async (index) => take(due[index]!, await readEntry(due[index]!)));
      for (const dir of removed) known.delete(dir);
      return { changed, removed };
    },
  };
}

/** Whether an older run is looked at in this scan. */
function isInTurn(index: number, length: number, turn: number): boolean {
  const groups = Math.max(1, Math.ceil(length / (perScan / 2)));
  return index % groups === turn % groups;
}
