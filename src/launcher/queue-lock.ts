import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeEarlierClaims, takeClaim, type HeldClaim, type IsHeld } from '../store/claim-files.ts';
import { isAlive, ownProcess } from '../store/process-identity.ts';
import { silentMs } from '../store/silence.ts';

/** A lock not renewed for this long belongs to a process that is gone, sleeps or hangs. */
const staleMs = 15_000;
const renewMs = 3_000;

/**
 * Runs a task while this process alone may start queued runs of the given folders of runs. Locks are claims that are
 * renewed while they are held, so they also work between machines that share a disk and after a `kill -9`.
 */
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
  const isHeld: IsHeld = async (holder, file) =>
    isAlive(holder) !== false && (await silentMs(folder, [file])) <= staleMs;
  for (;;) {
    const taken = await takeClaim(folder, ownProcess(), { isHeld, renewMs });
    if ('claim' in taken) {
      await removeEarlierClaims(folder, taken.claim);
      return taken.claim;
    }
    await sleep(20 + Math.random() * 60);
  }
}
