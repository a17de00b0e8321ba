import { checkpointSteps } from '../store/checkpoints.ts';
import { HumanError } from '../protocol/human-error.ts';
import { systemError } from '../text/system-errors.ts';

/** Why a run failed, in words for its folder: what a person can do, where the machine or the experiment is the cause. */
export async function failureReason(error: unknown, dir: string): Promise<string> {
  if (error instanceof HumanError && error.code === 'device_lost')
    return [error.what, await whatIsKept(dir), error.todo].join(' ');
  if (error instanceof HumanError) return error.message;
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  const ofSystem = systemError(error);
  if (ofSystem?.isOfMachine)
    return `The run cannot be written: ${ofSystem.reason} (${message}). ${ofSystem.todo}`;
  return `Something unexpected went wrong: ${message} The run’s log has all of it.`;
}

/** Nothing comes back from a device that is gone: the run goes on from what was written before. */
async function whatIsKept(dir: string): Promise<string> {
  // A folder that cannot be read has none to go on from.
  const [last] = await checkpointSteps(dir).catch(() => []);
  return last === undefined
    ? 'No checkpoint had been written: start the run again.'
    : `The checkpoint of step ${last} is kept: resume the run, and it goes on from there.`;
}

/** The machine's memory, or the device's, did not hold what the engine wanted of it. */
export const isOutOfMemory = (error: unknown): error is HumanError =>
  error instanceof HumanError && error.code === 'out_of_memory';
