import { HumanError } from '../protocol/human-error.ts';
import { canResume } from '../protocol/run-status.ts';
import type { RunFile } from '../protocol/run.ts';
import { checkPlaces } from './places.ts';
import { claimRun, readRunFile, statusOf, updateRunFile } from '../store/run-folder.ts';

/**
 * Puts a run that did not come to its last step back into the queue, to go on from its last checkpoint. Without `starter`
 * any window or command starts it. `changes` are written with it. False when it trains, waits or is finished already.
 * Throws HumanError `data_moved` when what it reads is not there.
 */
export async function queueAgain(
  dir: string,
  starter: RunFile['starter'] = null,
  changes: Partial<RunFile> = {},
): Promise<boolean> {
  await checkPlaces(dir);
  let claim;
  try {
    claim = await claimRun(dir);
  } catch (error) {
    // Another takes it up at this moment.
    if (error instanceof HumanError && error.code === 'run_busy') return false;
    throw error;
  }
  try {
    if (!canResume(statusOf(await readRunFile(dir)))) return false;
    await updateRunFile(dir, { status: 'queued', reason: null, process: null, starter, ...changes });
    return true;
  } finally {
    await claim.release();
  }
}
