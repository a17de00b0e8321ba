import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import type { RunFile } from '../protocol/run.ts';
import { mergeAnnotations } from './annotations.ts';
import { isMissing } from './files.ts';
import { layout } from './layout.ts';
import { blankRunFile, parseRunFile } from './run-file.ts';

/** A run as lists show it. */
export interface RunEntry {
  dir: string;
  /** As `readRunFile` gives it; of a broken run only what its folder's name tells. Not to be changed: it is kept for the next listing. */
  file: RunFile;
  /** Why run.json could not be read; null when all is well. */
  problem: string | null;
}

/** All runs of a folder, newest first. Reads only what changed since the last listing, at most 32 files at a time. */
export async function listRuns(runsDir: string): Promise<RunEntry[]> {
  const names = await runNames(runsDir);
  const entries = new Array<RunEntry | null>(names.length);
  await eachOf(names.length, 32, async (index) => {
    entries[index] = await readEntry(join(runsDir, names[index]!));
  });
  forget(runsDir, new Set(names));
  return entries.filter((entry) => entry !== null).sort(newestFirst);
}

/** Newest first; runs of one moment (a sweep's) in the order of their place. */
export function newestFirst(a: RunEntry, b: RunEntry): number {
  const time = b.file.created - a.file.created;
  if (time !== 0) return time;
  const place = (a.file.sweep?.index ?? 0) - (b.file.sweep?.index ?? 0);
  return place !== 0 ? place : a.file.id < b.file.id ? 1 : -1;
}

/** Names of the run folders; empty when there is no such folder yet. */
export async function runNames(runsDir: string): Promise<string[]> {
  try {
    const found = await readdir(runsDir, { withFileTypes: true });
    return found.filter((item) => !item.isFile() && !item.name.startsWith('.')).map((item) => item.name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** One run for a list; null when the folder is no run (or went away). The same object as last time when nothing changed. */
export async function readEntry(dir: string): Promise<RunEntry | null> {
  const [run, annotations, stop] = await Promise.all([
    statOrNull(layout.run(dir)),
    statOrNull(layout.annotations(dir)),
    statOrNull(layout.stop(dir)),
  ]);
  if (!run) return null;
  const stamp = `${mark(run)} ${mark(annotations)} ${mark(stop)}`;
  const known = kept.get(dir);
  if (known?.stamp === stamp) return known.entry;
  const entry: RunEntry = { dir, file: blankRunFile(dir.split(/[\\/]/).at(-1)!), problem: null };
  try {
    entry.file = parseRunFile(await readFile(layout.run(dir), 'utf8'), dir);
    if (stop && entry.file.status === 'running') entry.file.status = 'stopping';
    if (annotations)
      Object.assign(entry.file, mergeAnnotations(await readFile(layout.annotations(dir), 'utf8')));
  } catch (error) {
    if (isMissing(error)) return null;
    entry.file.created ||= run.mtimeMs;
    entry.problem = error instanceof HumanError ? error.message : `${layout.run(dir)}: ${String(error)}`;
  }
  kept.set(dir, { stamp, entry });
  return entry;
}

/** What was read, by folder, with the times and sizes it was read at. */
const kept = new Map<string, { stamp: string; entry: RunEntry }>();

function forget(runsDir: string, names: Set<string>): void {
  const prefix = join(runsDir, 'x').slice(0, -1);
  for (const dir of kept.keys())
    if (dir.startsWith(prefix) && !names.has(dir.slice(prefix.length))) kept.delete(dir);
}

const mark = (stats: Stats | null): string => (stats ? `${stats.ino}:${stats.mtimeMs}:${stats.size}` : '-');

async function statOrNull(file: string): Promise<Stats | null> {
  try {
    return await stat(file);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Runs `work` for 0 ... count-1, at most `limit` at a time. */
export async function eachOf(
  count: number,
  limit: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, lane));
}
