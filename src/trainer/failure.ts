import { checkpointSteps } from '../store/checkpoints.ts';
import { HumanError } from '../protocol/human-error.ts';
import { said, type Said } from '../text/say.ts';
import { systemError } from '../text/system-errors.ts';

/** Why a run failed, in words for its folder: what a person can do, where the machine or the experiment is the cause. */
export async function failureReason(error: unknown, dir: string): Promise<Said> {
  if (error instanceof HumanError && error.code === 'device_lost') {
    const [, what, todo] = error.said;
    return said('{0} {1} {2}', what!, await whatIsKept(dir), todo!);
  }
  if (error instanceof HumanError) return error.said;
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  const ofSystem = systemError(error);
  if (ofSystem?.isOfMachine)
    return said('The run cannot be written: {0} ({1}). {2}', ofSystem.reason, message!, ofSystem.todo);
  return said('Something unexpected went wrong: {0} The run’s log has all of it.', message!);
}

/** Nothing comes back from a device that is gone: the run goes on from what was written before. */
async function whatIsKept(dir: string): Promise<Said> {
  // A folder that cannot be read has none to go on from.
  const [last] = await checkpointSteps(dir).catch(() => []);
  return last === undefined
    ? said('No checkpoint had been written: start the run again.')
    : said('The checkpoint of step {0} is kept: resume the run, and it goes on from there.', last);
}

/** The machine's memory, or the device's, did not hold what the engine wanted of it. */
export const isOutOfMemory = (error: unknown): error is HumanError =>
  error instanceof HumanError && error.code === 'out_of_memory';
