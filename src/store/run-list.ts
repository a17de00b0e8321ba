import { readFileSync, statSync, type Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import type { RunFile } from '../protocol/run.ts';
import { mergeAnnotations } from './annotations.ts';
import { isMissing } from '../text/system-errors.ts';
import { asHuman } from './files.ts';
import { layout } from './layout.ts';
import { blankRunFile, forReader, notAFile, parseRunFile, unreadable } from './run-file.ts';

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
    throw asHuman(error, runsDir);
  }
}

/**
 * One run for a list; null when the folder is no run (or went away). The same object as last time when nothing changed.
 * Whatever is wrong with a run is its `problem`: it never hides its neighbours.
 */
export async function readEntry(dir: string): Promise<RunEntry | null> {
  const stats = await Promise.all(filesOf(dir).map(statOrNull)).catch(asError);
  const known = knownEntry(dir, stats);
  if (known !== undefined) return known;
  const paths = pathsToRead(dir, stats);
  if (paths instanceof Error) return keep(dir, stats, paths);
  return keep(
    dir,
    stats,
    await Promise.all(paths.map(async (path) => (path ? readFile(path, 'utf8') : ''))).catch(asError),
  );
}

/** `readEntry` without waiting. */
function readEntryNow(dir: string): RunEntry | null {
  const stats = attempt(() => filesOf(dir).map(statNow));
  const known = knownEntry(dir, stats);
  if (known !== undefined) return known;
  const paths = pathsToRead(dir, stats);
  if (paths instanceof Error) return keep(dir, stats, paths);
  return keep(
    dir,
    stats,
    attempt(() => paths.map((path) => (path ? readFileSync(path, 'utf8') : ''))),
  );
}

/** How run.json, the annotations and the request to stop stand; null for each that is not there. */
type Standing = (Stats | null)[] | Error;

const filesOf = (dir: string): string[] => [layout.run(dir), layout.annotations(dir), layout.stop(dir)];

/** The entry of the last listing while nothing changed, null for what is no run; undefined when it has to be read. */
function knownEntry(dir: string, stats: Standing): RunEntry | null | undefined {
  if (!(stats instanceof Error) && !stats[0]) return null;
  const known = knownRuns.get(dir);
  return known?.stamp === stampOf(stats) ? known.entry : undefined;
}

/** run.json and the annotations, '' for those that are not there; an error for a pipe or a device, which could be read for ever. */
function pathsToRead(dir: string, stats: Standing): string[] | Error {
  if (stats instanceof Error) return stats;
  const paths = filesOf(dir).slice(0, 2);
  const odd = paths.find((_path, index) => stats[index] && !stats[index].isFile());
  if (odd) return notAFile(odd);
  return paths.map((path, index) => (stats[index] ? path : ''));
}

/** Makes and remembers an entry from what its files hold, or from the error that looking at them gave. */
function keep(dir: string, stats: Standing, texts: string[] | Error): RunEntry | null {
  const entry: RunEntry = { dir, file: blankRunFile(basename(dir)), problem: null };
  const [run, , stop] = stats instanceof Error ? [] : stats;
  try {
    if (texts instanceof Error) throw texts;
    entry.file = forReader(parseRunFile(texts[0]!, dir));
    if (stop && entry.file.status === 'running') entry.file.status = 'stopping';
    Object.assign(entry.file, mergeAnnotations(texts[1]!));
  } catch (error) {
    if (isMissing(error)) return null;
    entry.file.created ||= run?.mtimeMs ?? 0;
    entry.problem = problemOf(error, dir);
  }
  knownRuns.set(dir, { stamp: stampOf(stats), entry });
  return entry;
}

function problemOf(error: unknown, dir: string): string {
  const reason = unreadable(error, dir);
  return reason instanceof HumanError ? reason.message : `${dir}: ${String(reason)}`;
}

/** What was read, by folder, with the times and sizes it was read at. */
const knownRuns = new Map<string, { stamp: string; entry: RunEntry }>();

function forget(runsDir: string, names: Set<string>): void {
  const prefix = join(runsDir, 'x').slice(0, -1);
  for (const dir of knownRuns.keys())
    if (dir.startsWith(prefix) && !names.has(dir.slice(prefix.length))) knownRuns.delete(dir);
}

const stampOf = (stats: Standing): string =>
  stats instanceof Error ? stats.message : stats.map(mark).join(' ');

const mark = (stats: Stats | null): string => (stats ? `${stats.ino}:${stats.mtimeMs}:${stats.size}` : '-');

async function statOrNull(file: string): Promise<Stats | null> {
  try {
    return await stat(file);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function statNow(file: string): Stats | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    // What lies in a file is not there either.
    if (isMissing(error)) return null;
    throw error;
  }
}

function attempt<Value>(work: () => Value): Value | Error {
  try {
    return work();
  } catch (error) {
    return asError(error);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

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
