import { said, textOf, type Said } from '../text/say.ts';

/** A failure that we foresee: one sentence what happened, one what to do. Shown once, at the command. */
export class HumanError extends Error {
  /** What happened, with names and numbers. */
  readonly what: string;
  /** What the person can do. */
  readonly todo: string;
  /** Both, for a file whose readers may have another language. */
  readonly said: Said;

  constructor(
    what: string | Said,
    todo: string | Said,
    /** Stable name for programs. */
    readonly code: string = 'error',
  ) {
    const whole = said('{0} {1}', what, todo);
    super(textOf(whole));
    this.name = 'HumanError';
    this.what = textOf(what);
    this.todo = textOf(todo);
    this.said = whole;
  }
}
