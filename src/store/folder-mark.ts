import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';

/**
 * What tells a folder from a copy of it: its place, of which only a digest is kept, and its number on the disk. A folder
 * that is reached by another path has the same number, and a disk that gives numbers anew leaves the place as it is.
 */
export function folderMark(dir: string): string {
  const place = createHash('sha256').update(realpathSync(dir)).digest('hex').slice(0, 16);
  return `${place}.${statSync(dir, { bigint: true }).ino}`;
}

/** Whether a mark was made in another folder, of which this one is a copy. False where that cannot be told. */
export function isCopyOf(mark: string, dir: string): boolean {
  const [place, number] = mark.split('.');
  let own: string;
  try {
    own = folderMark(dir);
  } catch {
    return false; // It went away meanwhile: whoever reads it next will say so.
  }
  const [ownPlace, ownNumber] = own.split('.');
  return place !== ownPlace && number !== ownNumber;
}
