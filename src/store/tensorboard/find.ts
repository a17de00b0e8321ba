import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../../text/system-errors.ts';
import { asHuman } from '../files.ts';
import { isEventFile } from './read.ts';

/** A folder with event files in it. */
export interface LogFolder {
  dir: string;
  /** Unix ms: when the first of its files was begun, and when one was last written. */
  created: number;
  written: number;
}

/** Names that no log is looked for in. */
const isFollowed = (name: string): boolean => !name.startsWith('.') && name !== 'node_modules';

/**
 * The folders of event files in a folder, itself and those below, linked ones once. Throws when the folder itself cannot
 * be listed; one below that may not be read, or went away meanwhile, does not hide its neighbours and goes to `onSkipped`.
 */
export async function findLogFolders(
  folder: string,
  { deepest = 8, most = 20_000, onSkipped }: FindOptions = {},
): Promise<LogFolder[]> {
  const found: LogFolder[] = [];
  const seen = new Set<string>();
  await collect(folder, deepest);
  return found;

  async function collect(dir: string, depth: number): Promise<void> {
    const place = await realpath(dir);
    if (seen.has(place) || seen.size >= most) return;
    seen.add(place);
    const entries = await readdir(dir, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory() && isEventFile(entry.name));
    const stats = (await Promise.all(files.map(({ name }) => statOrNull(join(dir, name))))).filter((one) =>
      one?.isFile(),
    ) as NonNullable<Awaited<ReturnType<typeof statOrNull>>>[];
    if (stats.length)
      found.push({
        dir,
        created: Math.min(...stats.map((one) => one.birthtimeMs || one.mtimeMs)),
        written: Math.max(...stats.map((one) => one.mtimeMs)),
      });
    if (depth === 0) return;
    for (const entry of entries) {
      if (!isFollowed(entry.name) || !(await leadsToFolder(dir, entry))) continue;
      await collect(join(dir, entry.name), depth - 1).catch((error: unknown) =>
        onSkipped?.(join(dir, entry.name), error),
      );
    }
  }
}

export interface FindOptions {
  /** Levels below the folder. */
  deepest?: number;
  /** Folders that are looked into. */
  most?: number;
  onSkipped?: (folder: string, error: unknown) => void;
}

async function leadsToFolder(dir: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return (await statOrNull(join(dir, entry.name)))?.isDirectory() ?? false;
}

/** null for what went away, or a link that leads nowhere. */
async function statOrNull(file: string) {
  try {
    return await stat(file);
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ELOOP') return null;
    throw asHuman(error, file);
  }
}
