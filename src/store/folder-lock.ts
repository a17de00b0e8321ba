import { removeEarlierClaims, takeClaim, type HeldClaim, type IsHeld } from './claim-files.ts';
import { isAlive, ownProcess } from './process-identity.ts';
import { silentMs } from './silence.ts';

/** A lock not renewed for this long belongs to a process that is gone, sleeps or hangs. */
const staleMs = 15_000;
const renewMs = 3_000;

/**
 * Makes this process the holder of a folder of claims, which is made where it is not there; null while another holds it. It is renewed
 * while it is held, so it also works between machines that share a disk and after a `kill -9`.
 */
export async function tryLock(folder: string): Promise<HeldClaim | null> {
  const isHeld: IsHeld = async (holder, file) =>
    isAlive(holder) !== false && (await silentMs(folder, [file])) <= staleMs;
  const taken = await takeClaim(folder, ownProcess(), { isHeld, renewMs });
  if (!('claim' in taken)) return null;
  await removeEarlierClaims(folder, taken.claim);
  return taken.claim;
}
