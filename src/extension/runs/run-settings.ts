import { flatSettings } from '../../analysis/flat-settings.ts';
import type { Filterable } from '../../analysis/run-filter.ts';
import { readConfig } from '../../store/run-folder.ts';
import { eachOf } from '../../store/run-list.ts';
import { runLabel, type RunEntry } from './run-entry.ts';

/** Resolved configs as flat dotted keys, by run folder. They never change: each is read once. */
const read = new Map<string, Record<string, unknown>>();

/** All settings of a run. Without its config a run still has curves; what was set beside the file is then all that is known. */
export async function settingsOf(run: RunEntry): Promise<Record<string, unknown>> {
  if (run.foreign || run.problem) return {};
  const known = read.get(run.dir);
  if (known) return known;
  const config = await readConfig(run.dir).catch(() => null);
  const settings = config ? flatSettings(config) : { ...run.file.settings };
  read.set(run.dir, settings);
  return settings;
}

/** Reads the settings of those whose are not known yet; answers whether there were any. */
export async function readSettings(runs: readonly RunEntry[]): Promise<boolean> {
  const unknown = runs.filter((run) => !run.foreign && !run.problem && !read.has(run.dir));
  await eachOf(unknown.length, 16, async (index) => void (await settingsOf(unknown[index]!)));
  return unknown.length > 0;
}

/** What filters look at; of a run whose config was not read, what was set beside the file. */
export const filterable = (run: RunEntry): Filterable => ({
  label: runLabel(run),
  status: run.status,
  file: run.file,
  settings: read.get(run.dir) ?? run.file.settings,
});
