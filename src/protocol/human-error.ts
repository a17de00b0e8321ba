/** A failure that we foresee: one sentence what happened, one what to do. Shown once, at the command. */
export class HumanError extends Error {
  constructor(
    /** What happened, with names and numbers. */
    readonly what: string,
    /** What the person can do. */
    readonly todo: string,
    /** Stable name for programs. */
    readonly code: string = 'error',
  ) {
    super(`${what} ${todo}`);
    this.name = 'HumanError';
  }
}
