import { HumanError } from '../protocol/human-error.ts';
import { said } from '../text/say.ts';

/** Whether an error says that there is no run (any more) where one was. */
export function isNoRun(error: unknown): boolean {
  return error instanceof HumanError && error.code === 'no_run';
}

export function runGone(runDir: string): HumanError {
  return new HumanError(
    said('The folder of the run was deleted or moved while it was training ({0}).', runDir),
    said('If it was moved, tandem resume goes on from its last checkpoint there.'),
    'run_gone',
  );
}
