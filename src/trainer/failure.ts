import { HumanError } from '../protocol/human-error.ts';
import { systemError } from '../text/system-errors.ts';

/** Why a run failed, in words for its folder: what a person can do, where the machine or the experiment is the cause. */
export function failureReason(error: unknown): string {
  if (error instanceof HumanError) return error.message;
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  const ofSystem = systemError(error);
  if (ofSystem?.isOfMachine)
    return `The run cannot be written: ${ofSystem.reason} (${message}). ${ofSystem.todo}`;
  return `Something unexpected went wrong: ${message} The run’s log has all of it.`;
}
