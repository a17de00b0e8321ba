import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * For how long nobody has written any of these files, in ms by the clock of the disk they are on: the time of a file that is
 * made now and removed again is compared with theirs, so that clocks of other machines do not matter. Infinity when none is there.
 */
export async function silentMs(dir: string, files: string[]): Promise<number> {
  const now = await timeOfDisk(dir);
  const times = await Promise.all(files.map((file) => timeOf(file)));
  return now - Math.max(...times);
}

/** Making a file also lets a client of a network disk look at the folder anew. */
async function timeOfDisk(dir: string): Promise<number> {
  const probe = join(dir, `.time.${process.pid}.${Math.random().toString(36).slice(2)}`);
  try {
    const handle = await open(probe, 'wx');
    try {
      await handle.write('0');
      await handle.sync();
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
      await rm(probe, { force: true });
    }
  } catch {
    return Date.now(); // A folder that is not ours to write: its disk is hopefully on our time.
  }
}

/** Opened, since a network disk is sure of a file's time only then. */
async function timeOf(file: string): Promise<number> {
  try {
    const handle = await open(file, 'r');
    try {
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
    }
  } catch {
    return -Infinity;
  }
}
