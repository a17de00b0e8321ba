import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { layout } from './layout.ts';

/** Enough for the events that wait, the last word and run.json. */
const reserveBytes = 256 * 1024;

/**
 * Takes up some of the disk for as long as a run is written: given up when the disk is full, it is the room in which the
 * run's end is told. Random bytes, since disks that compress make nothing of zeros.
 */
export async function holdReserve(dir: string): Promise<{ release(): Promise<void> }> {
  const file = layout.reserve(dir);
  const release = (): Promise<void> => rm(file, { force: true });
  try {
    await writeFile(file, randomBytes(reserveBytes), { flush: true });
  } catch {
    // The disk is full already: what is left of the room is better used by the run.
    await release();
  }
  return { release };
}
