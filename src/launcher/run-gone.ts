import { HumanError } from '../protocol/human-error.ts';

/** Whether an error says that there is no run (any more) where one was. */
export function isNoRun(error: unknown): boolean {
  return error instanceof HumanError && error.code === 'no_run';
}

export function runGone(runDir: string): HumanError {
  return new HumanError(
    `The folder of the run was deleted or moved while it was training (${runDir}).`,
    'If it was moved, tandem resume goes on from its last checkpoint there.',
    'run_gone',
  );
}
