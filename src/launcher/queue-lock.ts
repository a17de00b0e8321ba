import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeldClaim } from '../store/claim-files.ts';
import { tryLock } from '../store/folder-lock.ts';

/** Runs a task while this process alone may start queued runs of the given folders of runs. */
export async function withQueueLocks<T>(runsDirs: string[], task: () => Promise<T>): Promise<T> {
  const held: HeldClaim[] = [];
  try {
    // One order for everybody, so that two holders never wait for each other.
    for (const runsDir of [...new Set(runsDirs)].sort()) held.push(await lock(join(runsDir, '.queue')));
    return await task();
  } finally {
    for (const one of held.reverse()) await one.release();
  }
}

async function lock(folder: string): Promise<HeldClaim> {
  for (;;) {
    const taken = await tryLock(folder);
    if (taken) return taken;
    await sleep(20 + Math.random() * 60);
  }
}
