import { readFileSync, statSync, type Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import type { RunFile } from '../protocol/run.ts';
import { mergeAnnotations } from './annotations.ts';
import { isMissing } from '../text/system-errors.ts';
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

/** Milliseconds that reading may hold up the program at a time. */
const sliceMs = 8;
/** Milliseconds that one run may take before the disk counts as one that must be waited for, as a network share. */
const slowMs = 4;

/**
 * All runs of a folder, newest first. Reads only what changed since the last listing, never more than 32 files at a time.
 * On a fast disk the calls that do not wait take a fifth of the time of those that do; a slow one is only ever waited for.
 */
export async function listRuns(runsDir: string): Promise<RunEntry[]> {
  const names = await runNames(runsDir);
  const dirs = names.map((name) => join(runsDir, name));
  const entries: (RunEntry | null)[] = [];
  // A disk that hangs must hang here, where it holds up nobody.
  if (dirs.length) entries.push(await readEntry(dirs[0]!));
  await readInSlices(dirs, entries);
  const rest = entries.length;
  await eachOf(dirs.length - rest, 32, async (index) => {
    entries[rest + index] = await readEntry(dirs[rest + index]!);
  });
  forget(runsDir, new Set(names));
  return entries.filter((entry) => entry !== null).sort(newestFirst);
}

/** Reads on until all are there, or the disk turns out to be slow. */
async function readInSlices(dirs: string[], entries: (RunEntry | null)[]): Promise<void> {
  let slow = 0;
  let pause = performance.now() + sliceMs;
  for (let at = performance.now(); entries.length < dirs.length && slow < 3;) {
    entries.push(readEntryNow(dirs[entries.length]!));
    const now = performance.now();
    // One slow read among fast ones is another program's turn on the processor.
    slow = now - at > slowMs ? slow + 1 : Math.max(0, slow - 0.1);
    at = now;
    if (now < pause) continue;
    await new Promise((resolve) => setImmediate(resolve));
    at = performance.now();
    pause = at + sliceMs;
  }
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
  const stamp = stampOf(run, annotations, stop);
  const known = kept.get(dir);
  if (known?.stamp === stamp) return known.entry;
  const texts = await Promise.all([
    readFile(layout.run(dir), 'utf8'),
    annotations ? readFile(layout.annotations(dir), 'utf8') : '',
  ]).catch((error: unknown) => error as Error);
  return keep(dir, stamp, run, stop !== null, texts);
}

/** `readEntry` without waiting. */
function readEntryNow(dir: string): RunEntry | null {
  const [run, annotations, stop] = [layout.run(dir), layout.annotations(dir), layout.stop(dir)].map(
    (file) => statSync(file, { throwIfNoEntry: false }) ?? null,
  ) as [Stats | null, Stats | null, Stats | null];
  if (!run) return null;
  const stamp = stampOf(run, annotations, stop);
  const known = kept.get(dir);
  if (known?.stamp === stamp) return known.entry;
  let texts: [string, string] | Error;
  try {
    texts = [
      readFileSync(layout.run(dir), 'utf8'),
      annotations ? readFileSync(layout.annotations(dir), 'utf8') : '',
    ];
  } catch (error) {
    texts = error as Error;
  }
  return keep(dir, stamp, run, stop !== null, texts);
}

/** Makes and remembers an entry from what its files hold, or from the error that reading them gave. */
function keep(
  dir: string,
  stamp: string,
  run: Stats,
  isStopping: boolean,
  texts: [string, string] | Error,
): RunEntry | null {
  const entry: RunEntry = { dir, file: blankRunFile(basename(dir)), problem: null };
  try {
    if (texts instanceof Error) throw texts;
    entry.file = parseRunFile(texts[0], dir);
    if (isStopping && entry.file.status === 'running') entry.file.status = 'stopping';
    Object.assign(entry.file, mergeAnnotations(texts[1]));
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

const stampOf = (...files: (Stats | null)[]): string => files.map(mark).join(' ');

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
