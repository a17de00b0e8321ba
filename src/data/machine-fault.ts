import { HumanError } from '../protocol/human-error.ts';
import { systemError } from '../text/system-errors.ts';
import { said, type Said } from '../text/say.ts';

/** Not a file of the data but the machine failed: a full disk, too many open files. It ends a run or a validation, whatever is allowed to be bad. */
export class MachineFault extends HumanError {}

/** Errors that an error may have been made from, one in the other. */
const deepest = 8;

/**
 * The fault of the machine that an error comes from; null when the file is to blame.
 * @param what what could not be done: `a.png cannot be read`
 */
export function machineFault(error: unknown, what: Said): MachineFault | null {
  let cause = error;
  for (let depth = 0; depth < deepest && cause instanceof Error; depth++) {
    if (cause instanceof MachineFault) return cause;
    const meaning = systemError(cause);
    if (meaning?.isOfMachine)
      return new MachineFault(said('{0}: {1}.', what, meaning.reason), meaning.todo, meaning.code);
    cause = cause.cause;
  }
  return null;
}
