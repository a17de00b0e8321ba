import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  path: string;
  /** Whether this process may have a disk of its own; else the folder is one of the machine's. */
  isOwn: boolean;
  remove(): void;
}

/** A disk in memory of a size as mount writes it, such as `4m`. */
export function smallDisk(size: string): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'tandem-disk-'));
  let isOwn = true;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    isOwn = false;
  }
  return {
    path,
    isOwn,
    remove() {
      if (isOwn) execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
